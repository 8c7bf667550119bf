"""Users as asyncio tasks."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from . import _native
from ._native import Turn
from .backend import Backend, Counts
from .client import HttpClient, Response, Waited
from .texts import holds, message_of, trace_of

logger = logging.getLogger("katydid.asyncio")
T = TypeVar("T")
_engines: WeakKeyDictionary[asyncio.AbstractEventLoop, _native.Engine] = WeakKeyDictionary()


def engine_here(event_loop: str = "auto") -> _native.Engine:
    """The engine of the running loop, which turns it."""
    loop = asyncio.get_running_loop()
    engine = _engines.get(loop)
    if engine is None:
        engine = _engines[loop] = _native.Engine(event_loop)
        loop.add_reader(engine.fileno(), engine.poll)
    return engine


class AsyncioResponse(Response):
    """An answer to a task of asyncio's."""

    __slots__ = ()
    _wait_for = Turn  # type: ignore[assignment]  # with no frame of Python's between


def client_here(statistics: Counts | None, base_url: str, **settings: Any) -> HttpClient:
    loop = asyncio.get_running_loop()
    return _native.Client(
        engine_here(), statistics, base_url, asyncio_loop=loop, response_type=AsyncioResponse, **settings
    )


class AsyncioScope:
    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self._cancelled = False
        self._done = False

    def cancel(self) -> None:
        if self._done:
            return
        self._cancelled = True
        if self._task is not None:
            self._task.cancel()

    def ended_by(self, error: BaseException) -> bool:
        return self._cancelled and holds(error, asyncio.CancelledError)

    async def __aenter__(self) -> None:
        self._task = asyncio.current_task()
        if self._cancelled:
            self.cancel()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        self._done = True
        if not self._cancelled:
            return False
        if error is None:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(0)  # where a cancellation that nothing has met yet comes out
        while self._task is not None and self._task.cancelling():
            self._task.uncancel()
        return isinstance(error, asyncio.CancelledError)


class AsyncioEvent:
    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        return True


class AsyncioBackend:
    def __init__(self, event_loop: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[object]] = set()
        self.failed: asyncio.Future[None] = self._loop.create_future()
        self.engine = engine_here(event_loop)

    def close(self) -> None:
        self._loop.remove_reader(self.engine.fileno())
        _engines.pop(self._loop, None)
        self.engine.close()

    def start_soon(self, work: Callable[..., Coroutine[Any, Any, object]], *arguments: Any) -> None:
        task = self._loop.create_task(work(*arguments))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None and not self.failed.done():
            self.failed.set_exception(error)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def wait_for(self, what: Waited) -> None:
        await Turn(what)

    def scope(self) -> AsyncioScope:
        return AsyncioScope()

    def event(self) -> AsyncioEvent:
        return AsyncioEvent()

    async def within(self, seconds: float, work: Callable[[], Awaitable[object]]) -> bool:
        try:
            async with asyncio.timeout(seconds) as limit:
                await work()
        except TimeoutError:
            if not limit.expired():
                raise
            return False
        return True

    def client(self, statistics: Counts | None, base_url: str, **settings: Any) -> HttpClient:
        return client_here(statistics, base_url, **settings)


def run(main: Callable[[Backend], Awaitable[T]], event_loop: str) -> T:
    """On uvloop where it is installed."""

    async def hosted() -> T:
        backend = AsyncioBackend(event_loop)
        running = asyncio.ensure_future(main(backend))
        try:
            both: set[asyncio.Future[Any]] = {running, backend.failed}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if backend.failed.done():
                backend.failed.result()
            return running.result()
        finally:
            backend.close()

    try:
        factory = importlib.import_module("uvloop").new_event_loop
    except ImportError:
        factory = None
    with asyncio.Runner(loop_factory=factory) as runner:
        loop = runner.get_loop()
        task = loop.create_task(hosted())
        while True:
            try:
                result = loop.run_until_complete(task)
                _end_tasks(loop)
                return result
            except (SystemExit, KeyboardInterrupt) as error:  # asyncio lets those of any task end the loop
                if task.done():
                    raise
                logger.error("Uncaught exception in a task: %s\n%s", message_of(error), trace_of(error))


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancels what is left, for a second: asyncio's Runner would wait for ever for a task that ignores it."""
    left = asyncio.all_tasks(loop)
    for each in left:
        each.cancel()
    if not left:
        return
    _, stubborn = loop.run_until_complete(asyncio.wait(left, timeout=1))
    for each in stubborn:
        asyncio.tasks._unregister_task(each)
        each._log_destroy_pending = False  # type: ignore[attr-defined]  # the log has named it already
