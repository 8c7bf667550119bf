"""HTTPX on Katydid's engine, by one argument:

    client = httpx.AsyncClient(transport=katydid.httpx.AsyncTransport(self))    # self: an AsyncUser or a TrioUser
    client = httpx.Client(transport=katydid.httpx.Transport())

HTTPX keeps what is its own: redirects, cookies, authentication, event hooks. What is below that, connections, TLS and
HTTP/1.1, is the engine's. With a user the requests are counted, by default under their path; another name goes into
`extensions={"name": "/items/[id]"}`. Without one they are not.
"""

from __future__ import annotations

import logging
import select
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any

import httpx

from . import _native
from .user import User

if TYPE_CHECKING:
    from typing import Self

_unlimited: dict[str, Any] = {"timeout": None, "connect_timeout": None, "timeout_of_each_read": True}
_pairs_of: Callable[[_native.Response], list[tuple[str, str]]] = vars(_native.Response)["headers"].__get__
_encodings = ("", "br", "deflate", "gzip", "identity", "x-gzip")
_errors: dict[str, type[httpx.TransportError]] = {
    "BodyTimeout": httpx.ReadTimeout,
    "BrokenPipeError": httpx.WriteError,
    "ConnectTimeout": httpx.ConnectTimeout,
    "ConnectionAbortedError": httpx.ReadError,
    "ConnectionRefusedError": httpx.ConnectError,
    "ConnectionResetError": httpx.ReadError,
    "InvalidURL": httpx.UnsupportedProtocol,
    "NameResolutionError": httpx.ConnectError,
    "OSError": httpx.ConnectError,
    "RemoteDisconnected": httpx.RemoteProtocolError,
    "SSLError": httpx.ConnectError,
    "Timeout": httpx.ReadTimeout,
    "TimeoutError": httpx.ConnectTimeout,
}


class AsyncTransport(httpx.AsyncBaseTransport):
    """For `httpx.AsyncClient`, on asyncio and on Trio; made where the loop is running or before.

    `verify` and the certificates are this transport's, not the client's: HTTPX gives them to the transports that it
    makes itself.
    """

    def __init__(
        self,
        user: User | None = None,
        *,
        verify: bool = True,
        ca_file: str | None = None,
        client_certificate: str | None = None,
        client_key: str | None = None,
    ) -> None:
        self._user = user
        if user is not None:
            _log_no_requests()
        self._settings = {
            "verify": verify,
            "ca_file": ca_file,
            "client_certificate": client_certificate,
            "client_key": client_key,
            **_unlimited,
        }
        self._client: Any = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._client is None:
            self._client = self._make_client()
        try:
            body = request.content
        except httpx.RequestNotRead:
            body = await request.aread()
        answer = await self._client.request(request.method, str(request.url), **_options(request, body))
        return _response(request, answer)

    async def aclose(self) -> None:
        self._client = None

    def _make_client(self) -> Any:
        if self._user is not None:
            return self._user._running.make_client("", **self._settings)
        trio = sys.modules.get("trio")
        if trio is not None and trio.lowlevel.in_trio_run():
            from .trio_backend import client_here
        else:
            from .asyncio_backend import client_here
        return client_here(None, "", **self._settings)


class Transport(httpx.BaseTransport):
    """For `httpx.Client`: in a locustfile of Locust's it waits as gevent does, elsewhere it blocks its thread.

    Made and used by one thread.
    """

    def __init__(
        self,
        *,
        verify: bool = True,
        ca_file: str | None = None,
        client_certificate: str | None = None,
        client_key: str | None = None,
    ) -> None:
        settings: dict[str, Any] = {
            "verify": verify,
            "ca_file": ca_file,
            "client_certificate": client_certificate,
            "client_key": client_key,
            **_unlimited,
        }
        self._hub: Any = None
        if _on_gevent():
            from .gevent.hub import host

            self._hub = host().hub
            self._engine = host().engine
        else:
            self._engine = _native.Engine()
        self._client = _native.Client(self._engine, None, **settings)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        options = _options(request, request.read())
        if self._hub is not None:
            from .gevent.hub import exchange

            return _response(request, exchange(self._client, self._hub, request.method, str(request.url), options))
        done: list[_native.Response] = []
        under_way = self._client.start(request.method, str(request.url), done.append, **options)
        try:
            while not done:
                select.select([self._engine.fileno()], [], [], self._engine.timeout())
                self._engine.poll()
        finally:
            under_way.cancel()
        return _response(request, done[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()


def _log_no_requests() -> None:
    """A worker that logs at INFO does not want HTTPX's line for each request there."""
    logger = logging.getLogger("httpx")
    if logger.level == logging.NOTSET and logger.getEffectiveLevel() == logging.INFO:
        logger.setLevel(logging.WARNING)


def _on_gevent() -> bool:
    monkey = sys.modules.get("gevent.monkey")
    return monkey is not None and bool(monkey.is_module_patched("select"))


def _options(request: httpx.Request, body: bytes) -> dict[str, Any]:
    head = _head(tuple(request.headers.raw))
    if body or request.method not in ("GET", "HEAD", "OPTIONS", "DELETE"):
        head += b"Content-Length: %d\r\n" % len(body)
    options: dict[str, Any] = {"composed_head": head, "allow_redirects": False}
    if body:
        options["body"] = body
    limits = request.extensions.get("timeout", {})
    if (connect := limits.get("connect")) is not None:
        options["connect_timeout"] = connect
    if (read := limits.get("read")) is not None:
        options["timeout"] = read
    if name := request.extensions.get("name"):
        options["name"] = name
    return options


@lru_cache(maxsize=256)
def _head(headers: tuple[tuple[bytes, bytes], ...]) -> bytes:
    of_the_body = (b"content-length", b"transfer-encoding")
    return b"".join([b"%s: %s\r\n" % pair for pair in headers if pair[0].lower() not in of_the_body])


@lru_cache(maxsize=256)
def _headers(pairs: tuple[tuple[str, str], ...]) -> tuple[httpx.Headers, bool]:
    """And whether there is a length. The engine has decoded the body, but for encodings that nobody knows."""
    headers = httpx.Headers(pairs)
    headers.pop("transfer-encoding", None)
    if all(each.strip().lower() in _encodings for each in headers.get("content-encoding", "").split(",")):
        headers.pop("content-encoding", None)
    return headers, "content-length" in headers


def _response(request: httpx.Request, answer: _native.Response) -> httpx.Response:
    if answer.status == 0:
        kind = _errors.get(answer.error_kind or "", httpx.RemoteProtocolError)
        raise kind(answer.error or "no answer", request=request)
    headers, has_length = _headers(tuple(_pairs_of(answer)))
    body = answer.body
    # As with `content=body`, which takes HTTPX five times as long.
    response = httpx.Response(
        answer.status,
        headers=headers,
        stream=httpx.ByteStream(body),
        extensions={"http_version": b"HTTP/1.1", "reason_phrase": answer.reason.encode("latin-1")},
    )
    response._content = body
    response.is_closed = response.is_stream_consumed = True
    if body and not has_length:
        response.headers["Content-Length"] = str(len(body))
    response.elapsed = timedelta(seconds=answer.elapsed)
    return response
