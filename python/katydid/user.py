"""User classes: Locust's, for coroutines."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from ._native import ArrivalRate
from .client import HttpClient, Report, Response
from .environment import Environment
from .life import Life
from .rest import Rest
from .tasks import collect
from .wait_time import constant
from .websocket import PendingWebSocket

if TYPE_CHECKING:
    from .grpc import Channel


class User:
    """One simulated user: its tasks run one after another. Derive from AsyncUser or TrioUser."""

    host: str | None = None
    """What paths are added to, where neither --host nor the master names another."""
    weight: ClassVar[int] = 1
    """How many users of this class there are in comparison with the others'."""
    fixed_count: ClassVar[int] = 0
    """Exactly so many users, before the rest is shared by weight."""
    wait_time: ClassVar[Any] = constant(0)
    """Between two tasks: `between(1, 5)`, `constant(2)`, …, or a method that returns seconds."""
    arrival_rate: ClassVar[ArrivalRate | float | None] = None
    """How many tasks begin a second, by all users of the class on all workers together, in place of wait_time.

    The users are a pool then: a task that is due takes one that is free. If none is, it is dropped and counted.
    """
    tasks: ClassVar[Any] = []
    """A list of tasks, or {task: weight}; `@task` adds to it."""
    abstract: ClassVar[bool] = True
    """For classes that are only there to be derived from."""
    loop: ClassVar[str] = ""

    client: HttpClient
    """With connections and cookies of its own."""

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.abstract = bool(cls.__dict__.get("abstract", False))
        cls.tasks = collect(cls)

    def __init__(self, environment: Environment) -> None:
        running = environment.being_made()
        self.environment = environment
        self.host = running.host
        self.client = running.make_client(self.host or "")
        self._running: Life = running
        self._life_start = running.start_time

    async def on_start(self) -> None:
        """Before the first task. What it raises is reported, and ends this user."""

    async def on_stop(self) -> None:
        """When the user stops, whatever stopped it."""

    def context(self) -> dict[str, Any]:
        """What listeners of `request` find in the context of each request of this user."""
        return {}

    def stop(self) -> None:
        """This user ends after its current task."""
        self._running.stop_requested = True

    async def wait(self) -> None:
        """The wait that there is between two tasks, as in Locust. A user that is to stop ends in it."""
        await self._running.wait(self)

    def rest(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str | None] | Iterable[tuple[str, str | None]] | None = None,
        **options: Any,
    ) -> AbstractAsyncContextManager[Response]:
        """`async with self.rest("POST", "/items", json={"id": 1}) as resp:` asks for JSON, and has it as `resp.js`.

        A body that is no JSON is a failure. So is any Exception of the block: it is not raised further, and the
        failure says where it was. The keywords are those of `self.client.request()`.
        """
        return Rest(self.client, method, url, headers, options)

    def rest_(
        self, method: str, url: str, name: str | None = None, **options: Any
    ) -> AbstractAsyncContextManager[Response]:
        """rest() with the time as parameter `_`, which no cache has seen before."""
        separator = "&" if "?" in url else "?"
        if name is None:
            name = f"{url}{separator}_=..."
        return self.rest(method, f"{url}{separator}_={int(time.time() * 1000)}", name=name, **options)

    def websocket(self, url: str, **options: Any) -> PendingWebSocket:
        """Opens a WebSocket: `socket = await self.websocket("/chat")`, or `async with … as socket:`, which closes it.

        A path, or a URL of ws, wss, http or https. The keywords: `name` (of its entries), `subprotocols` (the best
        first), `headers`, `params`, `cookies`, `origin`, `compression` (offers permessage-deflate), `max_message`
        (bytes of one that comes), and times in seconds: `open_timeout` (10), `timeout` (60, for an answer),
        `close_timeout` (10), `ping_interval` (None) and `ping_timeout` (20). It has the settings and cookies of
        `self.client`.
        """
        return PendingWebSocket(self.client, url, options, self._running.websockets)

    def grpc_channel(
        self, host: str | None = None, *, compression: bool = False, max_message: int = 4 << 20, **settings: Any
    ) -> Channel:
        """A channel for stubs that grpcio's tools have made: `self.stub = GreeterStub(self.grpc_channel())`.

        Its host is the user's own, or `host`: "localhost:50051", or a URL of grpc, grpcs, http or https. `compression`
        sends gzip; `max_message` is the most bytes of a message that comes. `settings` are those of a client of its
        own, for TLS: `verify`, `cert`.
        """
        from .grpc import Channel

        running = self._running
        own = host is not None or settings
        client = running.make_client(host or self.host or "", **settings) if own else self.client
        return Channel(client, compression=compression, max_message=max_message, calls=running.calls)

    def report(self, name: str, method: str = "ASYNC") -> Report:
        """Counts what is awaited in its `async with` block as one request: for all that `self.client` does not send."""
        running = self._running
        return Report(
            running.count, running.statistics.cut_off, method, name, running.report_opened, running.report_closed
        )

    def record(
        self, method: str, name: str, response_time: float | None, response_length: int = 0, error: str | None = None
    ) -> None:
        """Counts a request that was made by other means, as Locust's `events.request.fire`; times are milliseconds."""
        self._running.count(method, name, response_time, response_length, error)


class AsyncUser(User):
    """A user whose tasks are coroutines of asyncio; on uvloop where it is installed."""

    abstract = True
    loop = "asyncio"


class TrioUser(User):
    """A user whose tasks are coroutines of Trio."""

    abstract = True
    loop = "trio"


def rate_of(cls: type[User]) -> ArrivalRate | None:
    """The class's own arrival rate."""
    rate = cls.arrival_rate
    return rate if rate is None or isinstance(rate, ArrivalRate) else ArrivalRate(rate)
