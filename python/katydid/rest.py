"""What `User.rest()` gives, Locust's RestMixin: a request for JSON, judged by what its `async with` block does."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any

from .client import HttpClient, PendingRequest, Response
from .parsing import parsed
from .texts import said

_home = re.compile(r"/(home|Users)/\w*/")


class Rest:
    __slots__ = ("_client", "_headers", "_method", "_options", "_request", "_response", "_url")

    def __init__(
        self,
        client: HttpClient,
        method: str,
        url: str,
        headers: Mapping[str, str | None] | Iterable[tuple[str, str | None]] | None,
        options: dict[str, Any],
    ) -> None:
        self._client = client
        self._method = method
        self._url = url
        self._headers = _for_json(headers)
        self._options = options

    async def __aenter__(self) -> Response:
        self._request: PendingRequest = self._client.request(
            self._method, self._url, catch_response=True, headers=self._headers, **self._options
        )
        self._response: Response = await self._request.__aenter__()
        _parse(self._response)
        return self._response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """True for an Exception, which has become a failure."""
        if isinstance(error, Exception):
            self._response.failure(_reason(error, _start_of(self._response)))
        await self._request.__aexit__(kind, error, trace)
        return isinstance(error, Exception)


def _for_json(
    headers: Mapping[str, str | None] | Iterable[tuple[str, str | None]] | None,
) -> list[tuple[str, str | None]]:
    given = list(headers.items() if isinstance(headers, Mapping) else headers or ())
    names = {name.lower() for name, _ in given}
    return given + [(name, "application/json") for name in ("Content-Type", "Accept") if name.lower() not in names]


def _parse(response: Response) -> None:
    response.js = None
    text = response.text
    if not text:
        return
    try:
        response.js = parsed(text)
    except (ValueError, RecursionError) as error:
        response.failure(
            f"Could not parse response as JSON. {text[:250]}, response code {response.status}, error {error}"
        )


def _start_of(response: Response) -> str | None:
    """None where no answer came."""
    return response.text[:200] if response.status else None


def _reason(error: Exception, start: str | None) -> str:
    """In Locust's words."""
    if isinstance(error, AssertionError):
        message = said(error.args[0]) if error.args else "Assertion failed"
        return f"{message[:-1]}, response was {start}" if message.endswith(",") else message
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith("/")]
    places = [f"{_home.sub('~/', frame.filename)}:{frame.lineno} in {frame.name}" for frame in frames]
    return f"{type(error).__name__}: {said(error)} at {', '.join(places)}. Response was {start}"
