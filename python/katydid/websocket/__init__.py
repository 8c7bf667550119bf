"""WebSockets of users on asyncio and Trio."""

from __future__ import annotations

from collections.abc import Generator
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from .. import _native
from ..exceptions import WebSocketError

if TYPE_CHECKING:
    from typing import Self


class WebSocket:
    """A connection that `self.websocket()` has opened. What goes wrong is raised as WebSocketError.

    All of it is in the statistics: the handshake ("WS"), what is sent ("WSS") or received ("WSR"), a message with its
    answer ("WSC"), and the close.
    """

    __slots__ = ("__weakref__", "_native", "_wait_for")

    def __init__(self, native: _native.WebSocket, wait_for: Any) -> None:
        self._native = native
        self._wait_for = wait_for

    async def send(self, message: str | bytes, name: str | None = None) -> None:
        """A text, or bytes; waits only while the server takes too little."""
        await self._done(self._native.send(message, name))

    async def ask(self, message: str | bytes, *, name: str | None = None, timeout: float | None = None) -> str | bytes:  # noqa: ASYNC109
        """Sends it and waits for the next message, which is the answer: one entry with the time that this took."""
        operation = self._native.ask(message, name, timeout)
        if not operation.done:
            await self._wait_for(operation)
        if (error := operation.error) is not None:
            raise WebSocketError(error)
        return operation.message  # type: ignore[return-value]

    async def receive(self, timeout: float | None = None) -> str | bytes | None:  # noqa: ASYNC109
        """What has come, or else what comes next; None after a close of either side."""
        return await self._done(self._native.receive(timeout))

    async def ping(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Until the pong comes."""
        await self._done(self._native.ping(timeout))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Until the server has closed as well."""
        await self._done(self._native.close(code, reason))

    def leave(self) -> None:
        """Goes away (1001), and waits for nothing. A user's own are left at its end."""
        self._native.leave()

    def __aiter__(self) -> Self:
        """`async for message in socket:` until a close of either side."""
        return self

    async def __anext__(self) -> str | bytes:
        message = await self.receive()
        if message is None:
            raise StopAsyncIteration
        return message

    @property
    def is_open(self) -> bool:
        return self._native.is_open

    @property
    def subprotocol(self) -> str:
        """The one that the server chose, or ""."""
        return self._native.subprotocol

    @property
    def close_code(self) -> int:
        """The code that came: 1005 for none, 1006 where the connection broke, 0 as long as it is open."""
        return self._native.close_code

    @property
    def close_reason(self) -> str:
        return self._native.close_reason

    async def _done(self, operation: _native.WebSocketOperation) -> str | bytes | None:
        if not operation.done:
            await self._wait_for(operation)
        if (error := operation.error) is not None:
            raise WebSocketError(error, self._native.refused_status, self._native.refused_body)
        return operation.message


class PendingWebSocket:
    """What `self.websocket()` returns: `socket = await …`, or `async with … as socket:`, which closes it."""

    __slots__ = ("_socket",)

    def __init__(
        self, client: Any, url: str, options: dict[str, Any], opened: WeakSet[WebSocket] | None = None
    ) -> None:
        """`opened` gets it."""
        self._socket = WebSocket(_native.websocket(client, url, **options), client.response_type._wait_for)

        if opened is not None:
            opened.add(self._socket)

    async def _open(self) -> WebSocket:
        socket = self._socket
        await socket._done(socket._native.open())
        return socket

    def __await__(self) -> Generator[Any, Any, WebSocket]:
        return self._open().__await__()

    async def __aenter__(self) -> WebSocket:
        return await self._open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is None:
            await self._socket.close()
        else:
            self._socket.leave()
