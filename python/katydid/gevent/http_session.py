"""The client of an HttpUser: Locust's HttpSession, and so a requests.Session, over the engine.

What most requests are made of (a path, headers, a form, JSON, a timeout) goes to the engine without requests' preparing
it. Everything else is prepared, authenticated and redirected by requests itself, whose adapter is the engine. A session
that nobody has looked into holds none of the objects that requests.Session makes at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final

from gevent import getcurrent
from greenlet import greenlet
from locust import clients
from locust.clients import LocustHttpAdapter, ResponseContextManager
from requests import Session
from requests.cookies import extract_cookies_to_jar

from katydid import _native

from .adapter import EngineAdapter, limits
from .composing import (
    ADDED,
    USUAL,
    USUAL_COMPOSED,
    Headers,
    SessionHeaders,
    Target,
    Unusual,
    authorized,
    composed,
    encoded,
    line_of,
    text_of,
    with_params,
)
from .cookies import SessionCookies
from .http_response import NativeResponse, is_redirect
from .hub import host, lingering

_SETTINGS: Final = frozenset(
    ("auth", "proxies", "hooks", "params", "stream", "verify", "cert", "max_redirects", "trust_env", "adapters")
)
_NATIVE: Final = frozenset(
    ("headers", "params", "timeout", "allow_redirects", "verify", "cookies", "stream", "proxies", "auth")
)
_BODILESS: Final = frozenset(("GET", "HEAD", "get", "head"))
_CHANGEABLE: Final = frozenset(("params", "proxies", "hooks", "adapters"))
_MOST_TARGETS: Final = 2_000
_MOST_READY: Final = 16
_new: Final[Any] = object.__new__
_targets: dict[str, dict[str, Target]] = {}
_ready: dict[str, dict[str, _native.Asked]] = {}


class HttpSession(_native.Session, clients.HttpSession):
    """See the module."""

    base_url: str

    _answer_type = NativeResponse
    _caught_type = NativeResponse
    _touched = False
    _prepares = False
    """A subclass has ideas of its own about preparing or sending: requests does it all."""

    auth = None
    cert = None
    stream = False
    verify = True
    trust_env = True
    max_redirects = 30
    explicit_name = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = ("send", "prepare_request", "get_adapter", "_send_request_safe_mode", "_build_url", "rebuild_auth")
        cls._prepares = any(getattr(cls, name) is not getattr(HttpSession, name) for name in own)

    def __init__(
        self, base_url: str, request_event: Any, user: Any, *args: Any, pool_manager: Any = None, **kwargs: Any
    ) -> None:
        if args or kwargs or (base_url and "@" in base_url):
            super().__init__(base_url, request_event, user, *args, pool_manager=pool_manager, **kwargs)
            if type(self).mount is HttpSession.mount:
                self.adapters.clear()
                self._mount_engine(pool_manager)
        else:
            self.base_url = base_url
            self.request_event = request_event
            self.user = user
        self._pool_manager = pool_manager

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _SETTINGS and not (name == "trust_env" and not value):
            self.__dict__["_touched"] = True

    def __getattr__(self, name: str) -> Any:
        """Makes what requests.Session makes at once."""
        made: Any
        match name:
            case "headers":
                made = SessionHeaders(USUAL)
            case "cookies":
                made = SessionCookies()
            case "proxies" | "params":
                made = {}
            case "hooks":
                made = {"response": []}
            case "adapters":
                self._mount_engine(self.__dict__.get("_pool_manager"))
                self._touched = True
                return self.__dict__["adapters"]
            case "received":
                made = {}
            case _:
                raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        self.__dict__[name] = made
        self._ready = None
        if name in _SETTINGS:
            self._touched = True
        return made

    received: dict[greenlet, _native.Response]

    def _mount_engine(self, pool_manager: Any) -> None:
        self.__dict__.setdefault("adapters", {})
        adapter = EngineAdapter(self, lambda: LocustHttpAdapter(pool_manager=pool_manager))
        self._engine_adapter = adapter
        for prefix in ("https://", "http://"):
            Session.mount(self, prefix, adapter)

    def close(self) -> None:
        """Closes connections; the session can be used again."""
        self._client = None
        for adapter in self.__dict__.get("adapters", {}).values():
            adapter.close()

    def client_here(self) -> _native.Client:
        """The native client of this thread's hub."""
        here = host()
        if self._client is None or self._hub is not here.hub:
            self._client, self._hub = here.client_for(self._pool_manager), here.hub
        return self._client

    def _is_plain(self) -> bool:
        """Whether nothing is set that requests would have to see to."""
        own = self.__dict__
        if self._prepares or self.trust_env or self.cert or self.stream or not isinstance(self.verify, bool):
            return False
        if own.get("params") or own.get("proxies") or any((own.get("hooks") or {}).values()):
            return False
        mounted = own.get("adapters")
        return mounted is None or all(each is self._engine_adapter for each in mounted.values())

    def _target(self, url: Any) -> Target:
        targets = _targets.setdefault(self.base_url, {})
        target = targets.get(url)
        if target is None:
            if not isinstance(url, str):
                raise Unusual
            full = self._build_url(url)
            if "@" in full.partition("?")[0] or full[:4].lower() != "http":
                raise Unusual
            if len(targets) >= _MOST_TARGETS:
                targets.clear()
            try:
                target = targets[url] = Target(full)
            except ValueError as error:  # requests says what is wrong with it
                raise Unusual from error
        return target

    def _headers(self) -> tuple[Headers, bytes]:
        headers = self.__dict__.get("headers")
        if headers is None:
            return USUAL_COMPOSED
        if type(headers) is not SessionHeaders:
            return composed(headers)
        if headers.lines is None:
            headers.lines = composed(headers)
        return headers.lines

    def request(  # type: ignore[override]
        self,
        method: Any,
        url: Any,
        name: str | None = None,
        catch_response: bool = False,
        context: Mapping[str, Any] = {},
        *,
        data: Any = None,
        json: Any = None,
        allow_redirects: bool = True,
        **kwargs: Any,
    ) -> Any:
        """As Locust's HttpSession.request()."""
        if not name:
            name = self.request_name
        started = perf_counter()
        native: _native.Response | None = None
        try:
            own = self.__dict__
            if (self._touched or self.trust_env or self._prepares) and not self._is_plain():
                raise Unusual
            target = self._target(url)
            headers, text = self._headers() if "headers" in own else USUAL_COMPOSED
            body: str | bytes | None = None
            options: tuple[float | None, float | None, bool] = (None, None, True)
            plain = method == "GET" and not kwargs and not data and json is None
            if not plain or self._touched:
                target, headers, text, body, options = self._with(target, headers, text, data, json, kwargs)
            if body is None and method not in _BODILESS:
                text += b"Content-Length: 0\r\n"
                headers = {**headers, "content-length": ("Content-Length", "0")}
            elif body is not None and method in ("HEAD", "head"):
                raise Unusual
            cookie: str | None = None
            if "cookies" in own:
                jar = own["cookies"]
                if type(jar) is not SessionCookies:
                    raise Unusual
                if jar._cookies:
                    if "cookie" in headers:
                        raise Unusual
                    cookie = jar.header(target.url)
                    if cookie is not None:
                        text += b"Cookie: " + cookie.encode("latin-1") + b"\r\n"
            if "host" not in headers:
                text = target.host + text
        except Unusual:
            pass
        else:
            upper = method.upper()
            sent = (upper, target.url, headers, body, cookie)
            asked = _native.Asked(upper, target.url, target.path_url, text, body, sent, *options)
            if plain:
                self._make_ready(url, asked)
            outcome = self._exchange(asked, method, name, context, catch_response)
            if type(outcome) is not _native.Exchange:
                return outcome
            if self._is_answered(outcome, allow_redirects):
                return self._answer(outcome, catch_response)
            native = outcome.answer
        kwargs["allow_redirects"] = allow_redirects
        return self._by_requests(
            native, method, url, name, catch_response, context, {"data": data, "json": json, **kwargs}, started
        )

    def _make_ready(self, url: str, asked: _native.Asked) -> None:
        """From now on, get() sends this for the URL, until something changes."""
        own = self.__dict__
        if not _CHANGEABLE.isdisjoint(own) or not (self.auth is None or type(self.auth) is tuple):
            return
        if type(self).request is not _request or "request" in own:  # somebody wants to see each one
            return
        headers, cookies = own.get("headers"), own.get("cookies")
        if headers is None and cookies is None and not self._touched:
            ready = _ready.setdefault(self.base_url, {})
            if len(ready) >= _MOST_TARGETS:
                ready.clear()
        else:
            if not (headers is None or type(headers) is SessionHeaders) or not (cookies is None or cookies.is_lasting):
                return
            ready = {} if self._ready is None else self._ready
            if len(ready) >= _MOST_READY:
                return
            if headers is not None:
                headers.ready = ready
            if cookies is not None:
                cookies.ready = ready
        ready[url] = asked
        self._ready = ready

    def _interrupted(self, exchange: _native.Exchange, error: BaseException) -> None:
        """Every exception is for the task."""
        lingering.give_up(exchange, error, self._late)

    def _late(self, exchange: _native.Exchange) -> None:
        """Records what a user who is gone had asked for."""
        if exchange.status:
            self._answer(exchange, False)
        else:
            self._rest(exchange, exchange.asked.url, exchange.name, False, {"allow_redirects": False})

    def _go_on(self, exchange: _native.Exchange, _outcome: Any, url: str, allow_redirects: bool) -> Any:
        """After the native get(), where its answer needs more than that knows of."""
        if self._is_answered(exchange, allow_redirects):
            return self._answer(exchange, exchange.catches)
        name = None if exchange.name is exchange.asked.name else exchange.name
        return self._rest(exchange, url, name, exchange.catches, {"allow_redirects": allow_redirects})

    def _rest(
        self, exchange: _native.Exchange, url: str, name: str | None, catch_response: bool, kwargs: dict[str, Any]
    ) -> Any:
        return self._by_requests(
            exchange.answer,
            exchange.method,
            url,
            name,
            catch_response,
            exchange.context or {},
            kwargs,
            exchange.started,
        )

    @staticmethod
    def _is_answered(exchange: _native.Exchange, allow_redirects: bool) -> bool:
        return exchange.status != 0 and not (allow_redirects and is_redirect(exchange))

    def _answer(self, exchange: _native.Exchange, catch_response: bool) -> NativeResponse:
        """Makes the response of an exchange that has one, and records it."""
        response: NativeResponse = _new(NativeResponse)
        response._exchange = exchange
        response._catch_response = catch_response
        if exchange.answer.header("Set-Cookie") is not None:
            extract_cookies_to_jar(self.cookies, response.request, response.raw)
        if catch_response:
            return response
        if exchange.status < 400:
            self._report(exchange, response)
        else:
            ResponseContextManager.__exit__(response, None, None, None)
        return response

    def _with(
        self, target: Target, headers: Headers, text: bytes, data: Any, json: Any, kwargs: Mapping[str, Any]
    ) -> tuple[Target, Headers, bytes, str | bytes | None, tuple[float | None, float | None, bool]]:
        """The parts of a request that has more than a URL."""
        connect_timeout = read_timeout = None
        if not _NATIVE.issuperset(kwargs):
            raise Unusual
        if kwargs.get("stream") or kwargs.get("proxies") or kwargs.get("cookies"):
            raise Unusual
        verify = kwargs.get("verify")
        if verify is None:
            verify = self.verify
        if not isinstance(verify, bool):
            raise Unusual
        timeout = kwargs.get("timeout")
        if timeout is not None:
            try:
                connect_timeout, read_timeout = limits(timeout)
            except (ValueError, TypeError) as error:
                raise Unusual from error
        own = kwargs.get("headers")
        if own:
            headers = dict(headers)
            for name, value in own.items():
                if not isinstance(name, str):
                    raise Unusual
                if value is None:
                    headers.pop(name.lower(), None)
                else:
                    headers[name.lower()] = (name, value)
            if not (headers.keys().isdisjoint(("content-length", "transfer-encoding")) and headers.keys() >= ADDED):
                raise Unusual
            text = text_of(headers)
        params = kwargs.get("params")
        if params:
            target = with_params(target, params)
        body, kind = encoded(data, json)
        if body is not None:
            raw = body.encode() if isinstance(body, str) else body
            headers = {**headers, "content-length": ("Content-Length", str(len(raw)))}
            text += b"Content-Length: %d\r\n" % len(raw)
            if kind is not None and "content-type" not in headers:
                headers["content-type"] = ("Content-Type", kind)
                text += line_of("Content-Type", kind)
        auth = kwargs.get("auth") or self.auth
        if auth:
            headers, text = authorized(headers, auth)
        return target, headers, text, body, (connect_timeout, read_timeout, verify)

    def _by_requests(
        self,
        native: _native.Response | None,
        method: Any,
        url: Any,
        name: str | None,
        catch_response: bool,
        context: Mapping[str, Any],
        kwargs: dict[str, Any],
        started: float,
    ) -> Any:
        """The rest of a request, or all of it, as Locust has requests do it."""
        self.explicit_name = name
        complete_url = self._build_url(url)
        if native is not None:
            self.received[getcurrent()] = native
        try:
            response = self._send_request_safe_mode(method, complete_url, **kwargs)
        finally:
            if native is not None:
                self.received.pop(getcurrent(), None)
        now = perf_counter()
        response_time = (now - started) * 1000
        first = (response.history[0] if response.history else response).request
        if first is not None:
            complete_url = str(first.url)
            name = name or first.path_url
        name = name or str(url)
        if self.user:
            context = {**self.user.context(), **context}
        if kwargs.get("stream"):
            length = int(response.headers.get("content-length") or 0)
        else:
            length = len(response.content or b"")
        meta = {
            "request_type": method,
            "response_time": response_time,
            "name": name,
            "context": context,
            "response": response,
            "exception": None,
            "start_time": time.time() - (perf_counter() - started),
            "url": complete_url,
            "response_length": length,
        }
        return report(response, self.request_event, meta, catch_response)


_request: Final = HttpSession.request


def report(response: Any, event: Any, meta: dict[str, Any], catch_response: bool) -> Any:
    """Makes Locust's response of it, and reports it unless the task judges; by the installed Locust's own rules."""
    if hasattr(ResponseContextManager, "wrap_response"):
        wrapped = ResponseContextManager.wrap_response(response, event, meta, catch_response)
        if not catch_response:
            wrapped.__exit__(None, None, None)
        return wrapped
    caught = ResponseContextManager(response, request_event=event, request_meta=meta)  # type: ignore[call-arg]
    if catch_response:
        return caught
    with caught:
        pass
    return response
