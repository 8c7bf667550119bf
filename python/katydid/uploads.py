"""Requests whose bodies are made by async iterators."""

from __future__ import annotations

from collections.abc import AsyncIterable, Generator
from types import TracebackType
from typing import Any

from . import _native
from .client import PendingRequest, Response
from .texts import shown


class AsyncUpload:
    """Is sent when it is awaited, or entered by `async with`; the task that does so reads the iterator.

    What the iterator raises is the error of the request.
    """

    __slots__ = ("_client", "_loop", "_method", "_options", "_pieces", "_request", "_url")

    def __init__(
        self, client: _native.Client, loop: type[Response], method: str, url: str, options: dict[str, Any]
    ) -> None:
        self._client = client
        self._loop = loop
        self._method = method
        self._url = url
        self._pieces: AsyncIterable[str | bytes] = options.pop("data")
        self._options = options

    def __await__(self) -> Generator[Any, Any, Response]:
        return self._exchange().__await__()

    async def __aenter__(self) -> Response:
        return await self._exchange()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await self._request.__aexit__(kind, error, traceback)

    async def _exchange(self) -> Response:
        body = _native.PushedBody(self._client.engine)
        request = self._client.request(self._method, self._url, body=body, **self._options)
        self._request: PendingRequest = request
        try:
            await self._push(body)
        except BaseException:
            request.close()
            raise
        response: Response = await request
        return response

    async def _push(self, body: _native.PushedBody) -> None:
        try:
            async for piece in self._pieces:
                if not body.push(piece):
                    await self._loop._wait_for(body)
                if body.is_closed:
                    break
        except Exception as error:
            body.fail(shown(error))
        else:
            body.end()
        finally:
            if (close := getattr(self._pieces, "aclose", None)) is not None:
                await close()
