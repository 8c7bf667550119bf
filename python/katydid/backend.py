"""What Katydid asks of a loop of Python's: asyncio's (asyncio_backend.py) or Trio's (trio_backend.py)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Protocol, TypeAlias, TypeVar

from . import _native
from .client import HttpClient, Waited

T = TypeVar("T")
Counts: TypeAlias = _native.Statistics | _native.PoolUser | _native.CorrectedUser
"""What clients count their requests by."""


class Scope(Protocol):
    """An `async with` block that can be ended from outside."""

    def cancel(self) -> None:
        """Ends the block where it awaits something, now or as soon as it starts; after its end, does nothing."""

    def ended_by(self, error: BaseException) -> bool:
        """Whether that is, or holds, what cancel() has raised in the block."""

    async def __aenter__(self) -> object: ...
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """True when the block was cancelled and that is all that ended it."""


class Event(Protocol):
    def set(self) -> None: ...
    async def wait(self, seconds: float) -> bool:
        """False when it was not set in that time."""


class Backend(Protocol):
    engine: _native.Engine

    def start_soon(self, work: Callable[..., Coroutine[Any, Any, object]], *arguments: Any) -> None:
        """From the loop's thread; what it raises is a bug of Katydid's and ends the program."""

    async def sleep(self, seconds: float) -> None: ...
    async def wait_for(self, what: Waited) -> None:
        """Until it calls back."""

    def scope(self) -> Scope: ...
    def event(self) -> Event: ...
    async def within(self, seconds: float, work: Callable[[], Awaitable[object]]) -> bool:
        """False when it took longer and was cancelled."""

    def client(self, statistics: Counts | None, base_url: str, **settings: Any) -> HttpClient: ...


class Runner(Protocol):
    """Turns a loop with an engine in it until `main` is done."""

    def __call__(self, main: Callable[[Backend], Awaitable[T]], event_loop: str) -> T: ...
