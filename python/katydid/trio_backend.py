"""Users as Trio tasks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import Any, TypeVar

import outcome
import trio
from trio.lowlevel import Abort, current_task, reschedule, wait_readable, wait_task_rescheduled

from . import _native
from .backend import Backend
from .client import HttpClient, PendingRequest, Response

T = TypeVar("T")


class TrioRequest:
    """A request that is sent when it is awaited, or entered by `async with`."""

    __slots__ = ("_client", "_method", "_options", "_response", "_url")

    def __init__(self, client: _native.Client, method: str, url: str, options: dict[str, Any]) -> None:
        self._client = client
        self._method = method
        self._url = url
        self._options = options
        self._response: Response | None = None

    def __await__(self) -> Generator[Any, Any, Response]:
        task = current_task()

        def done(response: _native.Response) -> None:
            reschedule(task, outcome.Value(response))

        request = self._client.start(self._method, self._url, done, **self._options)

        def abort(_: object) -> Abort:
            request.cancel()
            return Abort.SUCCEEDED

        return wait_task_rescheduled(abort).__await__()  # noqa: ASYNC105 - whoever awaits this awaits it

    async def __aenter__(self) -> Response:
        self._response = await self
        return self._response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        response, self._response = self._response, None
        if response is not None and self._options.get("catch_response"):
            response.record()


class TrioClient(_native.Client):
    """The native client, awaited by Trio's tasks."""

    __slots__ = ()

    def request(self, method: str, url: str, /, **options: Any) -> PendingRequest:
        return TrioRequest(self, method, url, options)

    def get(self, url: str, /, **options: Any) -> PendingRequest:
        return TrioRequest(self, "GET", url, options)

    def head(self, url: str, /, **options: Any) -> PendingRequest:
        return TrioRequest(self, "HEAD", url, options)

    def options(self, url: str, /, **options: Any) -> PendingRequest:
        return TrioRequest(self, "OPTIONS", url, options)

    def post(self, url: str, /, **options: Any) -> PendingRequest:
        return TrioRequest(self, "POST", url, options)

    def put(self, url: str, /, **options: Any) -> PendingRequest:
        return TrioRequest(self, "PUT", url, options)

    def patch(self, url: str, /, **options: Any) -> PendingRequest:
        return TrioRequest(self, "PATCH", url, options)

    def delete(self, url: str, /, **options: Any) -> PendingRequest:
        return TrioRequest(self, "DELETE", url, options)


_engine: trio.lowlevel.RunVar[_native.Engine] = trio.lowlevel.RunVar("katydid_engine")


def engine_here(event_loop: str = "auto") -> _native.Engine:
    """The engine of the running trio.run(), which turns it."""
    try:
        return _engine.get()
    except LookupError:
        engine = _native.Engine(event_loop)
        _engine.set(engine)
        trio.lowlevel.spawn_system_task(_turn, engine)
        return engine


async def _turn(engine: _native.Engine) -> None:
    descriptor, poll = engine.fileno(), engine.poll
    try:
        while True:
            await wait_readable(descriptor)
            poll()
    finally:
        engine.close()


def client_here(statistics: _native.Statistics | None, base_url: str, **settings: Any) -> HttpClient:
    return TrioClient(engine_here(), statistics, base_url, response_type=Response, **settings)


class TrioScope:
    def __init__(self) -> None:
        self._scope = trio.CancelScope()

    def cancel(self) -> None:
        self._scope.cancel()

    async def run(self, work: Callable[[], Awaitable[object]]) -> None:
        with self._scope:
            await work()


class TrioEvent:
    def __init__(self) -> None:
        self._event = trio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        with trio.move_on_after(seconds):
            await self._event.wait()
            return True
        return False


class TrioBackend:
    def __init__(self, nursery: trio.Nursery, event_loop: str) -> None:
        self._nursery = nursery
        self.engine = engine_here(event_loop)

    def start_soon(self, work: Callable[..., Awaitable[object]], *arguments: Any) -> None:
        self._nursery.start_soon(work, *arguments)

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    def scope(self) -> TrioScope:
        return TrioScope()

    def event(self) -> TrioEvent:
        return TrioEvent()

    async def within(self, seconds: float, work: Callable[[], Awaitable[object]]) -> bool:
        with trio.move_on_after(seconds) as scope:
            await work()
        return not scope.cancelled_caught

    def client(self, statistics: _native.Statistics | None, base_url: str, **settings: Any) -> HttpClient:
        return client_here(statistics, base_url, **settings)


def run(main: Callable[[Backend], Awaitable[T]], event_loop: str) -> T:
    async def hosted() -> T:
        async with trio.open_nursery() as nursery:
            backend = TrioBackend(nursery, event_loop)
            try:
                return await main(backend)
            finally:
                nursery.cancel_scope.cancel()

    return trio.run(hosted)
