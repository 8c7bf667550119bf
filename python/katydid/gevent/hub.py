"""The engine as gevent's hub hosts it, and the one way in which a greenlet waits for a request."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

import gevent
from certifi import where
from gevent import get_hub, getcurrent
from gevent.hub import Hub
from greenlet import GreenletExit

from katydid import _native

Exchanged = Callable[["_native.Exchange"], object]


class Host:
    """An engine that a hub polls: one for each thread that runs greenlets."""

    def __init__(self, hub: Hub) -> None:
        self.hub: Final = hub
        self.engine: Final = _native.Engine(event_loop)
        self._watcher: Any = hub.loop.io(self.engine.fileno(), 1)
        self._watcher.start(self.engine.poll)
        self.engine.flush_by(hub.loop.run_callback)  # what several greenlets begin goes with one system call
        self._shared: dict[int, tuple[object, _native.Client]] = {}

    def client(self, **settings: Any) -> _native.Client:
        """A client without statistics, with time limits as sockets have them, whose owner composes the requests."""
        settings = {"timeout": None, "connect_timeout": None, **settings}
        return _native.Client(
            self.engine, None, timeout_of_each_read=True, ca_file=_authorities, trace=trace, **settings
        )

    def client_for(self, pool: object, **settings: Any) -> _native.Client:
        """One of the caller's own; users with a pool in common have connections in common."""
        if pool is None:
            return self.client(**settings)
        if id(pool) not in self._shared:
            self._shared[id(pool)] = (pool, self.client(**settings))
        return self._shared[id(pool)][1]


_authorities = where()
"""The certificates that requests trusts."""

event_loop = "auto"
"""What engines are made with: "auto", "io_uring" or "epoll"."""

trace = False
"""Whether clients print what they send and receive."""

_hosts: dict[Hub, Host] = {}


def host() -> Host:
    """The host of this thread's hub."""
    hub = get_hub()
    found = _hosts.get(hub)
    if found is None:
        found = _hosts[hub] = Host(hub)
    return found


# A forked process has hubs and descriptors of its own.
os.register_at_fork(after_in_child=_hosts.clear)


class Lingering:
    """Requests whose greenlet was killed while they were on their way.

    A user that is stopped has sent something that the target will answer and count. So the answer is waited for, a
    little, and recorded; what takes longer is cut off and listed in the log.
    """

    STOP_LIMIT = 1.0
    """Seconds that requests under way are given when users stop."""
    QUIT_LIMIT = 0.3
    """The same when the master quits: it waits half a second for the last report."""

    def __init__(self) -> None:
        self.limit = self.STOP_LIMIT
        self._under_way: dict[_native.Exchange, str] = {}
        self.cut_off: Counter[str] = Counter()

    def add(self, exchange: _native.Exchange, finish: Exchanged) -> None:
        """`finish` is called with it when it is done, in a greenlet of its own."""
        if exchange.waits:  # for another one's connection: nothing was sent
            exchange.cancel()
            return

        def done(exchange: _native.Exchange) -> None:
            gevent.spawn(finish, exchange).link(lambda _greenlet: self._under_way.pop(exchange, None))

        self._under_way[exchange] = f"{exchange.method} {exchange.name}"
        exchange.hand_over(done)

    def give_up(self, exchange: _native.Exchange, error: BaseException, finish: Exchanged) -> None:
        """Whatever ends the wait for an exchange ends the request, but for a user that is stopped."""
        if isinstance(error, GreenletExit):
            self.add(exchange, finish)
        else:
            exchange.cancel()

    def wait(self) -> None:
        """Until there are none left, at most as long as the limit says; then they end."""
        until = time.monotonic() + self.limit
        while self._under_way and time.monotonic() < until:
            gevent.sleep(0.01)
        for exchange, what in list(self._under_way.items()):
            exchange.cancel()
            self.cut_off[what] += 1
        self._under_way.clear()

    def take_cut_off(self, most_names: int = 10) -> str:
        """Those since the last time, as the workers of the other languages list them."""
        total = self.cut_off.total()
        listed = ", ".join(f"{what} {count}" for what, count in self.cut_off.most_common(most_names))
        more = f" and {len(self.cut_off) - most_names} more names" if len(self.cut_off) > most_names else ""
        self.cut_off.clear()
        return f"{total} {'request was' if total == 1 else 'requests were'} cut off at stop: {listed}{more}"


lingering = Lingering()


def exchange(client: _native.Client, hub: Hub, method: str, url: str, options: dict[str, Any]) -> _native.Response:
    """Sends a request and waits for what comes of it; whatever ends the wait ends the request."""
    request = client.start(method, url, getcurrent().switch, **options)
    try:
        response: _native.Response = hub.switch()
    except BaseException:
        request.cancel()
        raise
    return response
