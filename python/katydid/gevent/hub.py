"""The engine as gevent's hub hosts it, and the one way in which a greenlet waits for a request."""

from __future__ import annotations

import os
from typing import Any, Final

from certifi import where
from gevent import get_hub, getcurrent
from gevent.hub import Hub

from katydid import _native


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


def exchange(client: _native.Client, hub: Hub, method: str, url: str, options: dict[str, Any]) -> _native.Response:
    """Sends a request and waits for what comes of it; whatever ends the wait ends the request."""
    request = client.start(method, url, getcurrent().switch, **options)
    try:
        response: _native.Response = hub.switch()
    except BaseException:
        request.cancel()
        raise
    return response
