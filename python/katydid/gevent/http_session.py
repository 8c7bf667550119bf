"""The client of an HttpUser: Locust's HttpSession, and so a requests.Session, over the engine.

What most requests are made of (a path, headers, a form, JSON, a timeout) goes to the engine without requests' preparing
it. Everything else is prepared, authenticated and redirected by requests itself, whose adapter is the engine. A session
that nobody has looked into holds none of the objects that requests.Session makes at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from time import perf_counter
from typing import Any, Final

from gevent import get_hub, getcurrent
from gevent.hub import Hub
from greenlet import GreenletExit, greenlet
from locust import clients
from locust.clients import LocustHttpAdapter, ResponseContextManager
from requests import Session
from requests.cookies import extract_cookies_to_jar

from katydid import _native

from .adapter import EngineAdapter, limits
from .composing import (
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
from .http_response import NativeResponse
from .hub import host, lingering
from .recording import sole_recorder

_REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))
_SETTINGS: Final = frozenset(
    ("auth", "proxies", "hooks", "params", "stream", "verify", "cert", "max_redirects", "trust_env", "adapters")
)
_NATIVE: Final = frozenset(
    ("headers", "params", "timeout", "allow_redirects", "verify", "cookies", "stream", "proxies", "auth")
)
_BODILESS: Final = frozenset(("GET", "HEAD", "get", "head"))
_MOST_TARGETS: Final = 2_000
_new: Final[Any] = object.__new__
_targets: dict[str, dict[str, Target]] = {}


class HttpSession(clients.HttpSession):
    """See the module."""

    base_url: str

    _client: _native.Client | None = None
    _hub: Hub | None = None
    _touched = False
    _prepares = False
    """A subclass has ideas of its own about preparing or sending: requests does it all."""

    auth = None
    cert = None
    stream = False
    verify = True
    trust_env = True
    max_redirects = 30
    request_name = None
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
        self.__dict__[name] = value
        if name in _SETTINGS and not (name == "trust_env" and not value):
            self._touched = True

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
            case "_targets":
                made = _targets.setdefault(self.base_url or "", {})
            case _:
                raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        self.__dict__[name] = made
        if name in _SETTINGS:
            self._touched = True
        return made

    received: dict[greenlet, _native.Response]
    """Answers that are there already, for the adapter to make of them what requests does."""
    _targets: dict[str, Target]

    def _mount_engine(self, pool_manager: Any) -> None:
        self.__dict__.setdefault("adapters", {})
        adapter = EngineAdapter(self, lambda: LocustHttpAdapter(pool_manager=pool_manager))
        self._engine_adapter = adapter
        for prefix in ("https://", "http://"):
            Session.mount(self, prefix, adapter)

    def close(self) -> None:
        """Closes connections; the session can be used again."""
        self.__dict__.pop("_client", None)
        for adapter in self.__dict__.get("adapters", {}).values():
            adapter.close()

    def client(self) -> _native.Client:
        """The native client of this thread's hub."""
        if self._client is None or self._hub is not get_hub():
            here = host()
            self.__dict__["_hub"] = here.hub
            self.__dict__["_client"] = here.client_for(self._pool_manager)
        assert self._client is not None
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
        targets = self._targets
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

    def get(self, url: Any, *, data: Any = None, json: Any = None, **kwargs: Any) -> Any:
        """Sends a GET request."""
        if data is not None or json is not None:
            kwargs.update(data=data, json=json)
        return self.request("GET", url, **kwargs) if kwargs else self.request("GET", url)

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
            target = self._targets.get(url) or self._target(url)
            headers, text = self._headers() if "headers" in own else USUAL_COMPOSED
            body: str | bytes | None = None
            options: dict[str, Any] | None = None
            if kwargs or data or json is not None or self._touched:
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
            sent = (method.upper(), target.url, headers, body, cookie)
            hub = get_hub()
            client = self._client
            if client is None or self._hub is not hub:
                client = self.client()
            measured = (method, name or target.path_url, started, context)
            switch = getcurrent().switch
            if options:
                request = client.start(method, target.url, switch, composed_head=text, **options)
            else:
                request = client.start(method, target.url, switch, composed_head=text)
            try:
                native = hub.switch()
            except GreenletExit:
                lingering.add(request, f"{method} {measured[1]}", partial(self._late, sent, measured))
                raise
            except BaseException:
                request.cancel()
                raise
            parts = native.parts()
            status = parts[0]
            if status and not (status in _REDIRECTS and allow_redirects and native.header("Location")):
                return self._answer(sent, measured, catch_response, native, parts)
        kwargs["allow_redirects"] = allow_redirects
        return self._by_requests(
            native, method, url, name, catch_response, context, {"data": data, "json": json, **kwargs}, started
        )

    def _late(
        self,
        sent: tuple[str, str, Headers, str | bytes | None, str | None],
        measured: tuple[Any, str, float, Mapping[str, Any]],
        native: _native.Response,
    ) -> None:
        """Records what a user who is gone had asked for."""
        if native.status:
            self._answer(sent, measured, False, native, native.parts())
        else:
            method, name, started, context = measured
            self._by_requests(native, method, sent[1], name, False, context, {"allow_redirects": False}, started)

    def _answer(
        self,
        sent: tuple[str, str, Headers, str | bytes | None, str | None],
        measured: tuple[Any, str, float, Mapping[str, Any]],
        catch_response: bool,
        native: _native.Response,
        parts: tuple[int, bytes, float, bool],
    ) -> NativeResponse:
        """Makes the response of an exchange that went well, and records it."""
        status, body, response_time, sets_cookies = parts
        method, name, started, context = measured
        response: NativeResponse = _new(NativeResponse)
        response.status_code = status
        response._native = native
        response._body = body
        response._sent = sent
        response._measured = (method, name, started, response_time, context, self.user)
        if sets_cookies:
            extract_cookies_to_jar(self.cookies, response.request, response.raw)
        if status in _REDIRECTS:
            response._session = self
        event = self.request_event
        if not catch_response and status < 400:
            recorder = sole_recorder(event)
            if recorder is not None:
                recorder.record(method, name, response_time, len(body))
                return response
            response._request_event = event
            event.fire(**response.request_meta)
            return response
        response._request_event = event
        if catch_response:
            response._catch_response = True
        else:
            ResponseContextManager.__exit__(response, None, None, None)
        return response

    def _with(
        self, target: Target, headers: Headers, text: bytes, data: Any, json: Any, kwargs: Mapping[str, Any]
    ) -> tuple[Target, Headers, bytes, str | bytes | None, dict[str, Any]]:
        """The parts of a request that has more than a URL."""
        options: dict[str, Any] = {}
        if not _NATIVE.issuperset(kwargs):
            raise Unusual
        if kwargs.get("stream") or kwargs.get("proxies") or kwargs.get("cookies"):
            raise Unusual
        verify = kwargs.get("verify")
        if verify is None:
            verify = self.verify
        if verify is False:
            options["verify"] = False
        elif verify is not True:
            raise Unusual
        timeout = kwargs.get("timeout")
        if timeout is not None:
            try:
                options["connect_timeout"], options["timeout"] = limits(timeout)
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
            if (
                not headers.keys().isdisjoint(("content-length", "transfer-encoding"))
                or "accept-encoding" not in headers
            ):
                raise Unusual
            text = text_of(headers)
        params = kwargs.get("params")
        if params:
            target = with_params(target, params)
        body, kind = encoded(data, json)
        if body is not None:
            raw = body.encode() if isinstance(body, str) else body
            options["body"] = raw
            headers = {**headers, "content-length": ("Content-Length", str(len(raw)))}
            text += b"Content-Length: %d\r\n" % len(raw)
            if kind is not None and "content-type" not in headers:
                headers["content-type"] = ("Content-Type", kind)
                text += line_of("Content-Type", kind)
        auth = kwargs.get("auth") or self.auth
        if auth:
            headers, text = authorized(headers, auth)
        return target, headers, text, body, options

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
