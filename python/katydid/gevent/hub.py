"""The engine as gevent's hub hosts it, and how a greenlet waits for a request: with a body that is there, or with one
that it reads meanwhile."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from typing import Any, Final

from certifi import where
from gevent import get_hub, getcurrent
from gevent.hub import Hub

from katydid import _native

from .lingering import lingering


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
        settings = {"timeout": None, "connect_timeout": None, "ca_file": _authorities, **settings}
        return _native.Client(self.engine, None, timeout_of_each_read=True, trace=trace, **settings)

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


def pieces_of(body: Any, size: int) -> Iterator[Any]:
    """Of a file, at most that many bytes at a time; of what can be iterated, what it gives."""
    if not hasattr(body, "read"):
        return iter(body)
    read = iter(lambda: body.read(size) or None, None)
    return (piece.encode() for piece in read) if isinstance(body, io.TextIOBase) else read


def upload(
    client: _native.Client,
    hub: Hub,
    method: str,
    url: str,
    options: dict[str, Any],
    pieces: Iterator[Any],
    size: int | None,
) -> _native.Response:
    """Sends a request with that body and waits for what comes of it; without a size it is sent in chunks.

    Whatever ends the wait, or is raised while the body is made, ends the request.
    """
    body = _native.PushedBody(client.engine, size)
    answer = _Answer(hub)
    request = client.start(method, url, answer.come, body=body, **options)
    try:
        for piece in pieces:
            if not body.push(piece):
                body.wait(answer.wake)
                answer.wait(lambda: body.has_room)
            if body.is_closed:
                break
        body.end()
        return answer.get()
    except BaseException:
        body.stop_waiting()
        if request.under_way and body.is_begun:
            lingering.broken_off()
        request.cancel()
        raise


class _Answer:
    """Of a request whose greenlet may wait for other things meanwhile, as what makes its body may."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._waiting: Any = None
        self._response: _native.Response | None = None

    def come(self, response: _native.Response) -> None:
        self._response = response
        self.wake()

    def wake(self) -> None:
        if self._waiting is not None:
            self._waiting.switch()

    def wait(self, until: Callable[[], object]) -> None:
        self._waiting = getcurrent()
        try:
            while not until():
                self._hub.switch()
        finally:
            self._waiting = None

    def get(self) -> _native.Response:
        self.wait(lambda: self._response is not None)
        assert self._response is not None
        return self._response
