"""Calls that are under way, with the interface of grpcio's aio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Generator, Iterable
from typing import Any

from .. import _native
from .errors import EOF, AioRpcError, Metadata, StatusCode, status_code

WaitFor = Callable[[_native.GrpcOperation], Awaitable[None]]


def is_on_asyncio() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class Call:
    """What all of them have. A call begins when it is made."""

    def __init__(self, native: _native.GrpcCall, wait_for: WaitFor, deserialize: Callable[[bytes], Any]) -> None:
        self._native = native
        self._wait_for = wait_for
        self._deserialize = deserialize
        self._cancelled = False
        self._callbacks: list[_native.GrpcOperation] = []

    async def _wait(self, operation: _native.GrpcOperation) -> None:
        if not operation.done:
            await self._wait_for(operation)

    async def _over(self) -> None:
        if not self._native.is_over:
            await self._wait(self._native.over())

    def _check(self) -> None:
        """Of a call that is over; raises as well what a listener of `request` has raised to steer the task."""
        self._native.steer()
        if self._cancelled and is_on_asyncio():
            raise asyncio.CancelledError
        if self._native.code:
            raise AioRpcError(
                status_code(self._native.code),
                Metadata(*self._native.initial_metadata),
                Metadata(*self._native.trailing_metadata),
                self._native.details,
            )

    async def initial_metadata(self) -> Metadata:
        await self._wait(self._native.head())
        return Metadata(*self._native.initial_metadata)

    async def trailing_metadata(self) -> Metadata:
        await self._over()
        return Metadata(*self._native.trailing_metadata)

    async def code(self) -> StatusCode:
        await self._over()
        return status_code(self._native.code)

    async def details(self) -> str:
        await self._over()
        return self._native.details

    async def wait_for_connection(self) -> None:
        """Until the server has answered; raises when there is no connection to it."""
        await self._wait(self._native.head())
        if self._native.is_over:
            self._check()

    def done(self) -> bool:
        return self._native.is_over

    def cancelled(self) -> bool:
        return self._cancelled

    def cancel(self) -> bool:
        """Ends it now: it is counted, without an error. False when it was over already."""
        if self._native.is_over:
            return False
        self._cancelled = True
        self._native.cancel()
        return True

    def add_done_callback(self, callback: Callable[[Any], None]) -> None:
        operation = self._native.over()
        if operation.done:
            return callback(self)
        self._callbacks.append(operation)
        operation.wait(lambda: callback(self))
        return None

    def leave(self) -> None:
        """Its user is gone: cut off, where it is not over."""
        self._native.cut_off()


class OneReply(Call):
    """`reply = await call`."""

    _end: _native.GrpcOperation | None = None
    _awaited = False
    _reply: Any = None

    async def _result(self) -> Any:
        end = self._end
        if end is None:
            end = self._end = self._native.end()
        if self._awaited:
            await self._over()
        else:
            self._awaited = True
            await self._wait(end)
        self._check()
        if self._reply is None:
            self._reply = self._deserialize(end.take_message())
        return self._reply

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._result().__await__()


class ManyReplies(Call):
    """`async for reply in call`, or `await call.read()`."""

    _iterator: AsyncIterator[Any] | None = None

    async def read(self) -> Any:
        """The next reply, or EOF."""
        operation = self._native.read()
        await self._wait(operation)
        if operation.success:
            return self._deserialize(operation.take_message())
        self._check()
        return EOF

    async def _replies(self) -> AsyncIterator[Any]:
        while (reply := await self.read()) is not EOF:
            yield reply

    def __aiter__(self) -> AsyncIterator[Any]:
        if self._iterator is None:
            self._iterator = self._replies()
        return self._iterator


class ManyRequests(Call):
    """`await call.write(request)`, and `await call.done_writing()`; or those of an iterable."""

    _serialize: Callable[[Any], bytes]
    _writer: asyncio.Task[None] | None = None

    def begin(self, serialize: Callable[[Any], bytes], requests: AsyncIterable[Any] | Iterable[Any] | None) -> None:
        self._serialize = serialize
        self._head = self._native.head()  # so that it begins now
        if requests is not None:
            if not is_on_asyncio():
                raise TypeError("under Trio, requests are written by write(), and come from no iterable")
            self._writer = asyncio.get_running_loop().create_task(self._write_all(requests))

    async def _write_all(self, requests: AsyncIterable[Any] | Iterable[Any]) -> None:
        try:
            if isinstance(requests, AsyncIterable):
                async for request in requests:
                    await self._write(request)
            else:
                for request in requests:
                    await self._write(request)
            self._native.writes_done()
        except (AioRpcError, asyncio.InvalidStateError):
            pass  # the call is over, and whoever waits for it is told
        except BaseException:
            self.cancel()
            raise

    def _check(self) -> None:
        writer = self._writer
        if writer is not None and writer.done() and not writer.cancelled():
            writer.result()  # raises what the iterable has raised
        super()._check()

    async def _write(self, request: Any) -> None:
        operation = self._native.write(self._serialize(request))
        await self._wait(operation)
        if not operation.success:
            await self._over()
            self._check()
            raise asyncio.InvalidStateError("the call is over, or done_writing() was called")

    async def write(self, request: Any) -> None:
        """Waits only while the server takes too little."""
        if self._writer is not None:
            raise TypeError("the requests of this call come from an iterable")
        await self._write(request)

    async def done_writing(self) -> None:
        self._native.writes_done()

    def leave(self) -> None:
        super().leave()
        if self._writer is not None:
            self._writer.cancel()


class UnaryUnaryCall(OneReply):
    def begin(self) -> None:
        self._end = self._native.end()


class UnaryStreamCall(ManyReplies):
    def begin(self) -> None:
        self._head = self._native.head()  # so that it begins now


class StreamUnaryCall(OneReply, ManyRequests):
    async def _result(self) -> Any:
        if self._writer is not None and not self._native.is_over:
            await asyncio.wait([self._writer])
        return await super()._result()


class StreamStreamCall(ManyReplies, ManyRequests):
    pass
