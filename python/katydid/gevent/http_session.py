"""The client of an HttpUser: Locust's HttpSession, and so a requests.Session, over the engine.

What most requests are made of (a path, parameters, headers, a form, JSON, cookies, a timeout) is composed in C++.
Everything else is prepared, authenticated and redirected by requests itself, whose adapter is the engine. A session
that nobody has looked into holds none of the objects that requests.Session makes at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from time import perf_counter
from typing import Any, ClassVar, Final

from gevent import getcurrent
from greenlet import greenlet
from locust import clients
from locust.clients import LocustHttpAdapter, ResponseContextManager
from requests import Session
from requests.cookies import extract_cookies_to_jar

from katydid import _native

from . import originals
from .adapter import EngineAdapter
from .composing import USUAL, USUAL_HEAD, SessionHeaders, encoded_json, encoded_params, head_of, normal_url
from .cookies import SessionCookies
from .http_response import CaughtResponse, NativeResponse, before
from .hub import host
from .lingering import Unbroken, lingering

_SENDING: Final = frozenset(
    ("send", "prepare_request", "get_adapter", "_send_request_safe_mode", "_build_url", "rebuild_auth")
)
_FOLLOWING: Final = frozenset(
    ("resolve_redirects", "get_redirect_target", "should_strip_auth", "rebuild_method", "rebuild_proxies")
)
_CHANGEABLE: Final = frozenset(("params", "proxies", "hooks", "adapters"))
_MOST_REDIRECTS: Final = 100
"""That C++ follows for one request."""
_new: Final[Any] = object.__new__


class HttpSession(_native.Session, clients.HttpSession):
    """See the module."""

    base_url: str

    _answer_type = NativeResponse
    _caught_type = NativeResponse
    _has_agent = False
    _usual_head = USUAL_HEAD
    _originals: ClassVar[originals.Originals]
    _watch: ClassVar[_native.TypeWatch]
    _prepares = False
    """A subclass has ideas of its own about preparing or sending: requests does it all."""
    _redirects = False
    """The same of redirects: requests follows them."""

    auth = None
    cert = None
    stream = False
    verify = True
    trust_env = True
    max_redirects = 30
    explicit_name = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._prepares = any(getattr(cls, name) is not getattr(HttpSession, name) for name in _SENDING)
        cls._redirects = any(getattr(cls, name) is not getattr(HttpSession, name) for name in _FOLLOWING)

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

    def _make(self, name: str) -> Any:
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
                self._plain = None
                return self.__dict__["adapters"]
            case "received":
                made = {}
            case _:
                raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        self.__dict__[name] = made
        self._plain = None
        return made

    received: dict[greenlet, list[_native.Exchange]]

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

    # What C++ asks where it composes a request.

    def _is_plain(self) -> bool | None:
        """Whether nothing is set that requests would have to see to. None: nothing now, but it may change unseen."""
        own = self.__dict__
        if not _SENDING.isdisjoint(own):
            return False
        if self._prepares or self.trust_env or self.stream or not isinstance(self.verify, bool | str):
            return False
        if own.get("params") or own.get("proxies") or any((own.get("hooks") or {}).values()):
            return False
        mounted = own.get("adapters")
        if mounted is not None and any(each is not self._engine_adapter for each in mounted.values()):
            return False
        if self.cert is not self._certificate:
            self._certificate = self.cert
        return True if _CHANGEABLE.isdisjoint(own) else None

    _composed_head = staticmethod(head_of)
    _normal_url = staticmethod(normal_url)
    _encoded_params = staticmethod(encoded_params)
    _encoded_json = staticmethod(encoded_json)

    def _cookie_header(self, url: str) -> str | None:
        """Empty without cookies for it; None where requests has to say."""
        jar = self.__dict__["cookies"]
        if type(jar) is not SessionCookies:
            return None
        return jar.header(url) or ""

    # Where C++ leaves a call, or the rest of it, to requests.

    _GET = clients.HttpSession.get
    _OPTIONS = clients.HttpSession.options
    _POST = clients.HttpSession.post
    _PUT = clients.HttpSession.put
    _PATCH = clients.HttpSession.patch
    _DELETE = clients.HttpSession.delete

    def _by_library(
        self,
        method: Any,
        url: Any,
        name: str | None = None,
        catch_response: bool = False,
        context: Mapping[str, Any] = {},
        *,
        data: Any = None,
        json: Any = None,
        **kwargs: Any,
    ) -> Any:
        """All of a request."""
        if not self._originals.intact():
            self._leave_the_engine()
        kwargs = {"data": data, "json": json, "allow_redirects": True, **kwargs}
        name = name or self.request_name
        return self._by_requests(
            method,
            url,
            name,
            catch_response,
            context,
            kwargs,
            perf_counter() - _native.PoolUser.take_late(self.user),
        )

    def _leave_the_engine(self) -> None:
        """From now on, requests' adapters are Locust's own."""
        for prefix, adapter in list(self.adapters.items()):
            if adapter is self.__dict__.get("_engine_adapter"):
                Session.mount(self, prefix, adapter.real())
        self._plain = None

    def _interrupted(self, exchange: _native.Exchange, error: BaseException) -> _native.Exchange | None:
        """A kill waits for the end of the request; every other exception is for the task at once."""
        return exchange if lingering.outlast(exchange, error) is None else None

    def _go_on(self, exchange: _native.Exchange, *rest: Any) -> Any:
        """Where the answer needs more than C++ knows of, or the task was killed."""
        return lingering.finish(exchange, self._conclude, *rest)

    def _conclude(self, exchange: _native.Exchange, _outcome: Any, url: str, kwargs: dict[str, Any]) -> Any:
        follows = kwargs["allow_redirects"]
        if self._is_answered(exchange, follows):
            return self._answer(exchange)
        name = None if exchange.name is exchange.asked.name else exchange.name
        with Unbroken(exchange.method, name or url) as request:
            reached = [*before(exchange), exchange]
            if follows:
                self._follow_on(reached)
            if self._is_answered(reached[-1], follows):
                response = self._answer(reached[-1])
            else:
                response = self._as_requests_does(
                    reached,
                    exchange.method,
                    url,
                    name,
                    exchange.catches,
                    exchange.context or {},
                    kwargs,
                    exchange.started,
                )
            return request.leave_to(response) if exchange.catches else response

    def _most_redirects(self) -> int:
        """That C++ follows."""
        if self._redirects or not _FOLLOWING.isdisjoint(self.__dict__):
            return 0
        return int(min(self.max_redirects, _MOST_REDIRECTS))

    def _follow_on(self, reached: list[_native.Exchange]) -> None:
        """As far as C++ follows redirects; the rest is for requests."""
        most = self._most_redirects()
        while len(reached) <= most and (following := self._follow(reached[-1])) is not None:
            reached.append(following)

    @staticmethod
    def _is_answered(exchange: _native.Exchange, allow_redirects: bool) -> bool:
        return exchange.status != 0 and not (allow_redirects and exchange.is_redirect)

    def _answer(self, exchange: _native.Exchange) -> NativeResponse:
        """Makes the response of an exchange that has one, and records it."""
        response: NativeResponse = _new(NativeResponse)
        response._exchange = exchange
        if exchange.answer.header("Set-Cookie") is not None and not self._take_cookies(exchange):
            extract_cookies_to_jar(self.cookies, response.request, response.raw)
        if exchange.catches:
            return response
        if exchange.status < 400:
            self._report(exchange, response)
        else:
            ResponseContextManager.__exit__(response, None, None, None)
        return response

    def _by_requests(self, method: Any, url: Any, name: str | None, catch_response: bool, *rest: Any) -> Any:
        """All of a request; a kill waits for its end."""
        with Unbroken(method, name or url) as request:
            response = self._as_requests_does([], method, url, name, catch_response, *rest)
            return request.leave_to(response) if catch_response else response

    def _as_requests_does(
        self,
        reached: list[_native.Exchange],
        method: Any,
        url: Any,
        name: str | None,
        catch_response: bool,
        context: Mapping[str, Any],
        kwargs: dict[str, Any],
        started: float,
    ) -> Any:
        """As Locust has requests do it, from what is answered already on."""
        self.explicit_name = name
        complete_url = self._build_url(url)
        if reached:
            self.received[getcurrent()] = reached[::-1]
        try:
            response = self._send_request_safe_mode(method, complete_url, **kwargs)
        finally:
            if reached:
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


HttpSession._originals = originals.of_requests(HttpSession, clients.HttpSession)
HttpSession._watch = HttpSession._originals.watch


def report(response: Any, event: Any, meta: dict[str, Any], catch_response: bool) -> Any:
    """Makes Locust's response of it, and reports it unless the task judges; by the installed Locust's own rules."""
    if hasattr(ResponseContextManager, "wrap_response"):
        wrapped = ResponseContextManager.wrap_response(response, event, meta, catch_response)
        if not catch_response:
            wrapped.__exit__(None, None, None)
            return wrapped
        wrapped.__class__ = CaughtResponse
        return wrapped
    caught = ResponseContextManager(response, request_event=event, request_meta=meta)  # type: ignore[call-arg]
    if catch_response:
        caught.__class__ = CaughtResponse
        return caught
    with caught:
        pass
    return response
