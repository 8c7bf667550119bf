"""`-L DEBUG`: a line of the log for each request, as users of every other kind have it."""

from __future__ import annotations

import logging
import re
from typing import Any

from locust.env import Environment

from katydid.texts import message_of

logger = logging.getLogger("katydid.request")

_CREDENTIALS = re.compile(r"^([a-z+]+://)[^/?#]*@", re.IGNORECASE)


def log_requests(environment: Environment, **_: Any) -> None:
    """A listener of `init`. At other levels there is none of `request`, and requests are counted natively."""
    if logger.isEnabledFor(logging.DEBUG):
        environment.events.request.add_listener(_log)


def _log(
    *,
    request_type: str,
    name: str,
    response_time: float | None = None,
    response_length: int | None = None,
    exception: BaseException | None = None,
    response: Any = None,
    url: str | None = None,
    **_others: Any,
) -> None:
    status = getattr(response, "status_code", None)
    parts = [str(status)] if status else []
    parts.append(f"{response_length or 0} bytes")
    if exception is not None:
        parts.append(message_of(exception))
    if response_time is not None:
        parts.append(f"{response_time:.2f} ms")
    logger.debug("%s %s: %s", request_type, _CREDENTIALS.sub(r"\1", url or name), ", ".join(parts))
