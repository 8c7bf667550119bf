"""The engine as an adapter of requests: what a prepared request goes through when requests itself is at work."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import urllib3
from gevent import getcurrent
from greenlet import greenlet
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.utils import prepend_scheme_if_needed, select_proxy

from katydid import _native

from . import http_errors
from .http_response import plain_response
from .hub import exchange, host, pieces_of, upload

logger = logging.getLogger("katydid.gevent")
_told: set[str] = set()

_LARGEST_FILE: Final = 1024 * 1024
"""That is read before it is sent."""
_WITHOUT_BODY: Final = frozenset(("GET", "HEAD", "DELETE", "TRACE", "OPTIONS", "CONNECT"))
"""Methods whose requests urllib3 gives no length if there is no body."""
_BLOCK: Final = 16 * 1024
"""As urllib3 reads files."""

USER_AGENT = f"User-Agent: python-urllib3/{urllib3.__version__}\r\n".encode()  # type: ignore[attr-defined]
"""What urllib3 adds to headers without one."""


def tell_once(text: str) -> None:
    """One log line, the first time."""
    if text not in _told:
        _told.add(text)
        logger.info(text)


def limits(timeout: Any) -> tuple[float | None, float | None]:
    """requests' `timeout` as connect and read limits; ValueError for what urllib3 must judge."""
    connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    for limit in (connect, read):
        if limit is not None and not (isinstance(limit, int | float) and limit > 0):
            raise ValueError(timeout)
    return connect, read


_cert_verify: Final[Any] = HTTPAdapter.cert_verify
"""Raises what requests raises for a file that is not there. It sets attributes of a pool of urllib3's, and looks at
nothing else."""


class EngineSession(Protocol):
    """What the adapter needs of the session that it belongs to."""

    received: dict[greenlet, list[_native.Exchange]]
    """What is answered already, the last one first, for the adapter to make of it what requests does."""

    def client_here(self) -> _native.Client:
        """The native client of this thread's hub."""


class EngineAdapter(BaseAdapter):
    """Sends natively what can be, and hands the rest to the adapter that Locust would have used."""

    def __init__(self, session: EngineSession, real: Callable[[], HTTPAdapter]) -> None:
        super().__init__()
        self._session = session
        self._make_real = real
        self._real: HTTPAdapter | None = None

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """As HTTPAdapter.send()."""
        done = self._session.received.get(getcurrent())
        if done:
            exchange = done.pop()
            received = exchange.answer
            _show_cookies(request, exchange.asked)
        else:
            reason = self._hindrance(request, timeout, verify, cert, proxies)
            if reason:
                tell_once(f"{reason}: such requests are sent by requests, at its cost")
                return self.real().send(request, stream, timeout, verify, cert, proxies)
            connect, read = limits(timeout)
            if cert or isinstance(verify, str):
                _cert_verify(self, SimpleNamespace(), request.url, verify, cert)
            options = {
                "composed_head": head_of(request),
                "connect_timeout": connect,
                "timeout": read,
                "verify": verify,
                "proxy": proxy_of(request, proxies),
                "cert": cert or None,
                "stream": stream,
                "decodes": not stream,
            }
            received = self._exchange(request, options)
        if received.status == 0:
            connect, read = limits(timeout)
            http_errors.raise_for(received, request, connect, read, proxy_of(request, proxies))
        return plain_response(received, request, self)

    def _exchange(self, request: PreparedRequest, options: dict[str, Any]) -> _native.Response:
        here = self._session.client_here(), host().hub, str(request.method), str(request.url)
        if not _is_stream(request):
            return exchange(*here, options | {"body": _body(request)})
        length = request.headers.get("Content-Length")
        return upload(*here, options, pieces_of(request.body, _BLOCK), None if length is None else int(length))

    def real(self) -> HTTPAdapter:
        """Locust's own adapter, made when it is needed."""
        if self._real is None:
            self._real = self._make_real()
        return self._real

    def close(self) -> None:
        """Closes idle connections."""
        if self._real is not None:
            self._real.close()

    def __getattr__(self, name: str) -> Any:
        """A locustfile may tune `session.adapters["http://"]`: that is the real one, from then on."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.real(), name)

    @staticmethod
    def _hindrance(
        request: PreparedRequest, timeout: Any, verify: Any, cert: Any, proxies: Mapping[str, str] | None
    ) -> str | None:
        """Why it can't be sent natively."""
        if not isinstance(verify, bool | str):
            return "an unusual verify"
        if cert and not isinstance(cert, str) and not (isinstance(cert, tuple) and len(cert) == 2):
            return "a client certificate that is neither a path nor a pair of paths (cert)"
        proxy = proxy_of(request, proxies)
        if proxy and (not proxy.lower().startswith("http://") or not urlsplit(proxy).hostname):
            return "a proxy without an http:// URL"
        if not _is_framed(request) or (request.method == "HEAD" and request.body):
            return "headers or a body that only http.client sends"
        try:
            limits(timeout)
        except ValueError:
            return "an unusual timeout"
        return None


def _show_cookies(request: PreparedRequest, asked: _native.Asked) -> None:
    """As they were sent: the session's jar may have others by now."""
    if asked.cookie is not None:
        request.headers["Cookie"] = asked.cookie
    elif not any(name.lower() == "cookie" for name, _ in asked.fields):
        request.headers.pop("Cookie", None)


def _is_stream(request: PreparedRequest) -> bool:
    """A body that is read while it is sent: an iterator, a text file, or a file that is large or of unknown size."""
    body: Any = request.body
    if body is None or isinstance(body, str | bytes | bytearray | memoryview):
        return False
    if not hasattr(body, "read") or isinstance(body, io.TextIOBase):
        return True
    return int(request.headers.get("Content-Length", _LARGEST_FILE + 1)) > _LARGEST_FILE


def _is_framed(request: PreparedRequest) -> bool:
    """Whether the headers say where the body ends as requests says it: by a length, or chunks of what is read."""
    length, coding = (request.headers.get(name) for name in ("Content-Length", "Transfer-Encoding"))
    if coding is None:
        return length is None or length.isdigit()
    return coding == "chunked" and length is None and _is_stream(request)


def proxy_of(request: PreparedRequest, proxies: Mapping[str, str] | None) -> str | None:
    """The URL of the proxy that requests would choose."""
    chosen = select_proxy(str(request.url), dict(proxies)) if proxies else None
    if not chosen:
        return None
    url: str = prepend_scheme_if_needed(chosen, "http")
    if "Proxy-Authorization" in request.headers and not str(request.url).lower().startswith("https:"):
        scheme, _, rest = url.partition("://")  # requests has written the credentials into the head
        return f"{scheme}://{rest.rpartition('@')[2]}"
    return url


def _body(request: PreparedRequest) -> bytes | None:
    body: Any = request.body
    if hasattr(body, "read"):
        body = b"".join(iter(lambda: body.read(_BLOCK), b""))
    elif isinstance(body, bytearray | memoryview):
        body = bytes(body)
    return body.encode() if isinstance(body, str) else body


def head_of(request: PreparedRequest) -> bytes:
    """The lines of the head, as http.client would send them."""
    headers = request.headers
    lines: list[bytes] = []
    if "Host" not in headers:
        lines.append(b"Host: " + host_header(str(request.url)))
    if "Accept-Encoding" not in headers:
        lines.append(b"Accept-Encoding: identity\r\n")
    if "User-Agent" not in headers:
        lines.append(USER_AGENT)
    for name, value in headers.items():
        lines.append(header_line(name, value))
    is_framed = "Content-Length" in headers or "Transfer-Encoding" in headers
    if request.body is None and not is_framed and str(request.method).upper() not in _WITHOUT_BODY:
        lines.append(b"Content-Length: 0\r\n")  # which requests takes away with the body, in a redirect
    return b"".join(lines)


def header_line(name: str | bytes, value: str | bytes) -> bytes:
    """`Name: value` with its end of line."""
    name = name.encode("ascii") if isinstance(name, str) else name
    value = value.encode("latin-1") if isinstance(value, str) else value
    return name + b": " + value + b"\r\n"


def host_header(url: str) -> bytes:
    """The value of Host with its end of line: without a port that is the scheme's own."""
    authority = url.partition("://")[2]
    for end in "/?#":
        authority = authority.partition(end)[0]
    authority = authority.rpartition("@")[2]
    default = ":443" if url.startswith("https") else ":80"
    return authority.removesuffix(default).encode("latin-1") + b"\r\n"
