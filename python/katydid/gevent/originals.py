"""What the engine stands in for, and whether it is still what the libraries have there.

OpenTelemetry, SDKs and locustfiles replace methods such as `requests.Session.send`, or what looks names up, such as
`socket.getaddrinfo`. They must never be passed by: the engine is asked only while all that it replaces is the original.
"""

from __future__ import annotations

import http.client
import http.cookiejar
import inspect
import socket
from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any, Final

import gevent.socket
import geventhttpclient.client
import geventhttpclient.connectionpool
import geventhttpclient.useragent
import requests
import urllib3.util.connection
from locust import clients
from locust.contrib import fasthttp
from requests import adapters, cookies, models, sessions

from katydid import _native

from .adapter import tell_once

_IGNORED: Final = ("__annot", "__slotnames__", "__doc__", "__abstractmethods__", "_abc", "__conditional_annotations__")
"""Attributes of classes that Python itself adds and changes."""
_ENTRIES: Final = frozenset(
    ("request", "get", "options", "head", "post", "put", "patch", "delete", "rename_request", "iter_lines", "close")
)
"""Methods of a session that its users call: whoever replaces them calls what was there."""


class Originals:
    """Classes as they were when this was made; `intact()` costs less than one look-up of an attribute."""

    def __init__(
        self,
        session: type,
        locusts: type,
        others: Iterable[type],
        central: Iterable[tuple[type, str]],
        connecting: Iterable[tuple[ModuleType, str]],
        instead: str,
    ) -> None:
        """`locusts` is what `session` derives from. `central` are those that may have been replaced before, and so may
        what is called for connections, which belongs to modules."""
        self._instead = instead
        self._session = session
        names = {name for name in dir(locusts) if not name.startswith("__") and name not in _ENTRIES}
        self._own = {name: vars(session).get(name) for name in names}
        self._classes = {each: dict(_attributes(each)) for each in dict.fromkeys((locusts, *others))}
        self._foreign = [
            f"{cls.__qualname__}.{name}"
            for cls, name in central
            if _is_foreign(inspect.getattr_static(cls, name, None))
        ]
        self._connecting = {(module, name): getattr(module, name) for module, name in connecting}
        self._foreign += [
            f"{module.__name__}.{name}" for (module, name), value in self._connecting.items() if _is_foreign(value)
        ]
        self.watch: Final = _native.TypeWatch([session, *self._classes], self._look, list(self._connecting))

    def intact(self) -> bool:
        """Whether requests may go by the engine."""
        return self.watch.intact()

    def replaced(self) -> list[str]:
        """What is not the original."""
        return self._foreign + list(self._changes())

    def _look(self) -> bool:
        replaced = self.replaced()
        if replaced:
            what = ", ".join(replaced[:3])
            tell_once(f"somebody has replaced {what}: requests are sent by {self._instead}, at its cost")
        return not replaced

    def _changes(self) -> Iterator[str]:
        for name, original in self._own.items():
            if vars(self._session).get(name) is not original:
                yield f"{self._session.__qualname__}.{name}"
        for cls, known in self._classes.items():
            now = dict(_attributes(cls))
            for name in sorted(known.keys() | now.keys()):
                if known.get(name, known) is not now.get(name, now):
                    yield f"{cls.__qualname__}.{name}"
        for (module, name), original in self._connecting.items():
            if getattr(module, name, None) is not original:
                yield f"{module.__name__}.{name}"


def _attributes(cls: type) -> Iterator[tuple[str, Any]]:
    return ((name, value) for name, value in vars(cls).items() if not name.startswith(_IGNORED))


def _is_foreign(method: Any) -> bool:
    """Not made where the libraries make theirs: a wrapper that was put there before this module was imported."""
    if isinstance(method, type):
        module = method.__module__
    elif isinstance(method, FunctionType):
        module = method.__globals__.get("__name__", "")
    else:
        return method is not None
    package = module.partition(".")[0]
    return package not in ("requests", "urllib3", "http", "locust", "geventhttpclient", "gevent", "socket")


_COOKIES: Final = http.cookiejar.CookieJar, http.cookiejar.Cookie, http.cookiejar.DefaultCookiePolicy


def of_requests(session: type, locusts: type) -> Originals:
    """For what stands in for requests and urllib3."""
    pools = urllib3.connectionpool.HTTPConnectionPool, urllib3.connectionpool.HTTPSConnectionPool
    connections = urllib3.connection.HTTPConnection, urllib3.connection.HTTPSConnection, http.client.HTTPConnection
    return Originals(
        session,
        locusts,
        (
            requests.Session,
            sessions.SessionRedirectMixin,
            adapters.HTTPAdapter,
            clients.LocustHttpAdapter,
            clients.ResponseContextManager,
            models.PreparedRequest,
            models.Request,
            models.Response,
            urllib3.PoolManager,
            urllib3.response.HTTPResponse,
            cookies.RequestsCookieJar,
            *_COOKIES,
            *pools,
            *connections,
        ),
        (
            (requests.Session, "send"),
            (requests.Session, "request"),
            (adapters.HTTPAdapter, "send"),
            (pools[0], "urlopen"),
            *((http.client.HTTPConnection, name) for name in ("request", "putrequest", "endheaders", "getresponse")),
        ),
        (
            (socket, "getaddrinfo"),
            (socket, "socket"),
            (urllib3.util.connection, "create_connection"),
            (urllib3.util.connection, "allowed_gai_family"),
        ),
        "requests",
    )


def of_geventhttpclient(session: type, locusts: type) -> Originals:
    """For what stands in for geventhttpclient."""
    agent = geventhttpclient.useragent
    return Originals(
        session,
        locusts,
        (
            fasthttp.LocustUserAgent,
            fasthttp.FastResponse,
            fasthttp.ResponseContextManager,
            agent.UserAgent,
            agent.CompatRequest,
            agent.CompatResponse,
            geventhttpclient.client.HTTPClient,
            geventhttpclient.connectionpool.ConnectionPool,
            *_COOKIES,
        ),
        (
            (agent.UserAgent, "urlopen"),
            (fasthttp.LocustUserAgent, "_urlopen"),
            (geventhttpclient.client.HTTPClient, "request"),
        ),
        ((gevent.socket, "getaddrinfo"), (gevent.socket, "socket")),
        "geventhttpclient",
    )
