"""--request-log: a line of a file for each request, of users of every kind."""

from __future__ import annotations

import time
from typing import Any

from .. import _native
from ..texts import message_of, sendable


def write_request(
    *,
    request_type: str,
    name: str,
    response_time: float | None,
    response_length: int | None,
    exception: BaseException | None = None,
    response: Any = None,
    context: dict[str, Any] | None = None,
    url: str | None = None,
    start_time: float | None = None,
    **_others: Any,
) -> None:
    """A listener of `request`. What is not said of a request that a locustfile reports itself is null."""
    status = getattr(response, "status_code", None) or 0
    failure = "" if exception is None else message_of(exception)
    begun = time.time() - (response_time or 0) / 1000 if start_time is None else start_time
    names = (sendable(request_type), sendable(name))
    _native.write_request(
        *names, response_time, response_length or 0, status, failure, sendable(url or ""), context or {}, begun
    )
