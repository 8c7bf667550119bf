"""The client of a FastHttpUser: Locust's FastHttpSession over the engine.

A request that is answered without a redirect or an error goes to the engine directly. All else is the work of
geventhttpclient's user agent, whose connections are the engine's.
"""

from __future__ import annotations

import json as json_module
import ssl
import time
from collections.abc import Generator, Iterator, Mapping
from time import perf_counter
from types import SimpleNamespace
from typing import Any, ClassVar, Final
from weakref import WeakKeyDictionary

from gevent import Timeout, get_hub, getcurrent
from geventhttpclient.client import HTTPClient
from geventhttpclient.connectionpool import ConnectionPool
from geventhttpclient.header import Headers
from greenlet import GreenletExit, greenlet
from locust.contrib import fasthttp
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS, LocustUserAgent

from katydid import _native

from .. import originals
from ..adapter import tell_once
from ..cookies import AgentCookies
from ..http_response import before
from ..hub import exchange, host, upload
from ..lingering import Unbroken, lingering
from .agent import FOLLOWS_ALIKE, QUOTES, UserAgent
from .response import CaughtFastResponse, NativeCaught, NativeFastResponse, StreamedAnswer
from .tls_contexts import NotOfTheEngineError, settings_of

_VALID: Final = LocustUserAgent.valid_response_codes
_MOST_REDIRECTS: Final = 100
"""That C++ follows for one request."""
_new: Final[Any] = object.__new__
# Versions of geventhttpclient differ.
_WITHOUT_BODY: Final = frozenset(
    method
    for method in ("POST", "PUT", "PATCH")
    if "Content-Length: 0" in HTTPClient("h")._build_request(method, "/", b"")
)
_ENCODINGS: Final = next(
    (
        c
        for c in fasthttp.FastHttpSession.request.__code__.co_consts
        if isinstance(c, str) and c.startswith("gzip, defl")
    ),
    "gzip, deflate",
)


def _form_type() -> str:
    """The Content-Type of a form; empty where geventhttpclient has to make it."""
    try:
        request: Any = LocustUserAgent()._make_request(
            "http://h/", method="POST", headers=Headers(), payload={"a": "b c"}, params=None
        )
        known = request.payload == b"a=b+c" and request.headers.get("content-length") == "5"
        return str(request.headers["content-type"]) if known else ""
    except (AttributeError, KeyError, TypeError):
        return ""


_native.set_agent_rules(
    quotes=QUOTES,
    accept_encoding=_ENCODINGS,
    form_type=_form_type(),
    zero_length=sorted(_WITHOUT_BODY),
)


class FastHttpSession(_native.Session, fasthttp.FastHttpSession):
    """See the module."""

    _answer_type = NativeFastResponse
    _caught_type = NativeCaught
    _has_agent = True
    _agent: UserAgent | None = None
    _defaults: dict[str, Any] | None = None
    _originals: ClassVar[originals.Originals]
    _watch: ClassVar[_native.TypeWatch]
    _own = False
    """Made with what only geventhttpclient has: it does it all."""
    _tls: dict[str, Any]
    """Settings of the native client."""

    received: dict[greenlet, list[_native.Exchange | BaseException]]
    streaming: set[greenlet]
    cookiejar: Any
    _head: _native.Head | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        names = _real_session.__init__.__code__.co_varnames[1 : 1 + len(args)]
        given = dict(zip(names, args, strict=True)) | kwargs
        self.base_url = given.get("base_url")
        self.user = given.get("user")
        if "environment" in given:
            self.environment = given["environment"]
            self.request_event = given["environment"].events.request
        else:
            self.request_event = given["request_event"]
        self._settings = given
        try:
            self._tls = _tls_of(given)
        except NotOfTheEngineError as error:
            super().__init__(*args, **kwargs)
            self._own = True
            tell_once(f"ssl_context_factory: geventhttpclient sends such users' requests, at its cost, as {error}")
            return
        if self.base_url and "@" in self.base_url:
            super().__init__(*args, **kwargs)
            del self.__dict__["client"], self.__dict__["cookiejar"]

    def _make(self, name: str) -> Any:
        """What is made when somebody looks."""
        made: Any
        match name:
            case "client":
                made = self.agent()
            case "cookiejar":
                made = AgentCookies()
            case "received":
                made = {}
            case "streaming":
                made = set()
            case "_head":
                made = self._composed_head()
            case _:
                raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        self.__dict__[name] = made
        return made

    def agent(self) -> UserAgent:
        """geventhttpclient's part, made when it is needed."""
        if self._agent is None:
            leave = ("environment", "base_url", "request_event", "user", "ssl_context_factory")
            settings = {name: value for name, value in self._settings.items() if name not in leave}
            insecure = settings.setdefault("insecure", True)
            factory = fasthttp.insecure_ssl_context_factory if insecure else ssl.create_default_context
            self._agent = UserAgent(cookiejar=self.cookiejar, ssl_context_factory=factory, **settings)
            self._agent.session = self
        return self._agent

    # What C++ asks where it composes a request.

    def _is_plain(self) -> bool:
        """Whether geventhttpclient has to do it all."""
        return not self._own and "_send_request_safe_mode" not in self.__dict__

    def _composed_head(self) -> _native.Head | None:
        """The agent's default headers; None where geventhttpclient has to write them."""
        if self._agent is not None:
            headers = self._agent.default_headers
        else:
            headers = HTTPClient.DEFAULT_HEADERS.copy()
            headers.update(self._settings.get("headers") or {})
        self._defaults = dict(headers.items())
        try:
            return _native.Head(list(self._defaults.items()), True)
        except ValueError:
            return None

    def _current_head(self) -> _native.Head | None:
        """The same, where somebody holds the agent and may have changed them."""
        if self._defaults != dict(self.client.default_headers.items()):
            self._head = self._composed_head()
        return self._head

    _encoded_json = staticmethod(json_module.dumps)

    def _cookie_header(self, url: str) -> str | None:
        """Empty without cookies for it; None where http.cookiejar has to say."""
        jar = self.__dict__["cookiejar"]
        if type(jar) is not AgentCookies:
            return None if jar is None or jar._cookies else ""
        return jar.header(url) or ""

    def client_here(self) -> _native.Client:
        """The native client of this thread's hub."""
        here = host()
        client = self._client
        if client is None or self._hub is not here.hub:
            given = self._settings
            pool = given.get("client_pool")
            limits = given if pool is None else pool.client_args
            client = here.client_for(
                pool,
                **self._tls,
                connect_timeout=limits.get("connection_timeout", ConnectionPool.DEFAULT_CONNECTION_TIMEOUT),
                timeout=limits.get("network_timeout", ConnectionPool.DEFAULT_NETWORK_TIMEOUT),
                max_connections=limits.get("concurrency", 1),
                strict=True,
                proxy=_proxy_of(limits),
            )
            self._client, self._hub = client, here.hub
        return client

    def send(self, method: str, url: str, options: dict[str, Any]) -> _native.Response:
        """One exchange over the engine."""
        return exchange(self.client_here(), get_hub(), method, url, options)

    def upload(
        self, method: str, url: str, options: dict[str, Any], pieces: Iterator[Any], size: int | None
    ) -> _native.Response:
        """The same with a body that is read meanwhile."""
        return upload(self.client_here(), get_hub(), method, url, options, pieces, size)

    if hasattr(fasthttp.FastHttpSession, "iter_lines"):  # not in older versions

        def iter_lines(self, url: str, method: str = "GET", **kwargs: Any) -> Generator[str]:
            """As Locust's: the lines of an answer as they come, as text."""
            return _native.Unbatched(self._batches(url, method, kwargs))

    def _batches(self, url: str, method: str, kwargs: dict[str, Any]) -> Generator[list[str] | str]:
        response = self.request(method, url, stream=True, **kwargs)
        response.raise_for_status()
        answer = response._response
        if isinstance(answer, StreamedAnswer):
            yield from answer.batches()
        else:  # geventhttpclient's own
            answer = SimpleNamespace(request=lambda *_args, **_kwargs: response)
            yield from ([line] for line in _real_session.iter_lines(answer, url, method))

    # Where C++ leaves a call, or the rest of it, to geventhttpclient.

    _GET = fasthttp.FastHttpSession.get
    _OPTIONS = fasthttp.FastHttpSession.options
    _POST = fasthttp.FastHttpSession.post
    _PUT = fasthttp.FastHttpSession.put
    _PATCH = fasthttp.FastHttpSession.patch
    _DELETE = fasthttp.FastHttpSession.delete

    def _by_library(
        self,
        method: str,
        url: str,
        name: str | None = None,
        data: Any = None,
        catch_response: bool = False,
        stream: bool = False,
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
        json: Any = None,
        allow_redirects: bool = True,
        context: Mapping[str, Any] = {},
        **kwargs: Any,
    ) -> Any:
        """All of a request."""
        if not self._own and not self._originals.intact():
            self._leave_the_engine()
        if self._own:
            kwargs |= {"stream": stream, "headers": headers, "auth": auth, "json": json, "context": context}
            kwargs |= {"name": name, "data": data, "catch_response": catch_response, "allow_redirects": allow_redirects}
            return self._agents_own(method, url, **kwargs)
        started = perf_counter() - _native.PoolUser.take_late(self.user)
        data, merged = self._payload(data, headers, auth, json)
        name = name or self.request_name or url
        return self._by_agent(
            method,
            self._build_url(url),
            name,
            data,
            merged,
            allow_redirects,
            catch_response,
            context,
            started,
            kwargs | {"stream": stream},
        )

    def _leave_the_engine(self) -> None:
        """From now on, the agent is Locust's own."""
        jar, agent, request_name = self.cookiejar, self._agent, self.request_name
        settings = {name: value for name, value in self._settings.items() if name != "cookiejar"}
        _real_session.__init__(self, **settings)
        self.cookiejar = self.client.cookiejar = jar
        if agent is not None:
            self.client.default_headers = agent.default_headers
        self.request_name = request_name
        self._own = True

    def _payload(
        self, data: Any, headers: Mapping[str, str] | None, auth: Any, json: Any
    ) -> tuple[Any, dict[str, str]]:
        """Body and headers as Locust hands them to the agent."""
        merged = _merged(headers, auth or self.auth_header)
        if not data and json is not None:
            data = json_module.dumps(json)
            _add_json_headers(merged)
        return data, merged

    def _interrupted(self, exchange: _native.Exchange, error: BaseException) -> _native.Exchange | Timeout | None:
        """A time limit of geventhttpclient's is a failure, nothing else is; a kill waits for the end of the request."""
        ended = lingering.outlast(exchange, error)
        if ended is None:
            return exchange
        return ended if isinstance(ended, Timeout) else None

    def _go_on(self, exchange: _native.Exchange, *rest: Any) -> Any:
        """Where the answer needs more than C++ knows of, or the task was killed."""
        return lingering.finish(exchange, self._conclude, *rest)

    def _conclude(self, exchange: _native.Exchange, outcome: Any, _url: str, kwargs: dict[str, Any]) -> Any:
        allow_redirects = kwargs.pop("allow_redirects")
        if outcome is exchange and self._is_answered(exchange, allow_redirects):
            return self._answer(exchange)
        with Unbroken(exchange.method, exchange.name) as request:
            reached = [*before(exchange), outcome]
            if outcome is exchange and allow_redirects:
                self._follow_on(reached)
            last = reached[-1]
            if not isinstance(last, BaseException) and self._is_answered(last, allow_redirects):
                response = self._answer(last)
            else:
                parts = (kwargs.pop(each, None) for each in ("data", "headers", "auth", "json"))
                data, headers = self._payload(*parts)
                response = self._as_the_agent_does(
                    reached,
                    exchange.method,
                    exchange.first.asked.url,
                    exchange.name,
                    data,
                    headers,
                    allow_redirects,
                    exchange.catches,
                    exchange.context or {},
                    exchange.started,
                    kwargs,
                )
            return request.leave_to(response) if exchange.catches else response

    def _most_redirects(self) -> int:
        """That C++ follows."""
        if not FOLLOWS_ALIKE:
            return 0
        most = self._settings.get("max_redirects", 3) if self._agent is None else self._agent.max_redirects
        return min(int(most), _MOST_REDIRECTS)

    def _follow_on(self, reached: list[Any]) -> None:
        """As far as C++ follows redirects; the rest is for geventhttpclient, as is what ends the wait for one."""
        most = self._most_redirects()
        try:
            while len(reached) <= most and (following := self._follow(reached[-1])) is not None:
                reached.append(following)
        except GreenletExit:
            raise
        except BaseException as error:
            reached.append(error)

    @staticmethod
    def _is_answered(exchange: _native.Exchange, allow_redirects: bool) -> bool:
        return exchange.status in _VALID and not (allow_redirects and exchange.is_redirect)

    def _answer(self, exchange: _native.Exchange) -> Any:
        """Makes the response of an exchange that went well, and records it."""
        response = _new(NativeCaught if exchange.catches else NativeFastResponse)
        response._exchange = exchange
        if exchange.answer.header("Set-Cookie") is not None and not self._take_cookies(exchange):
            self.cookiejar.extract_cookies(response, response.request)
        if not exchange.catches:
            self._report(exchange, response)
        return response

    def _by_agent(self, method: str, url: str, name: str, *rest: Any) -> Any:
        """All of a request; a kill waits for its end."""
        with Unbroken(method, name) as request:
            response = self._as_the_agent_does([], method, url, name, *rest)
            return request.leave_to(response) if isinstance(response, CaughtFastResponse) else response

    def _as_the_agent_does(
        self,
        reached: list[_native.Exchange | BaseException],
        method: str,
        url: str,
        name: str,
        data: Any,
        headers: dict[str, str],
        allow_redirects: bool,
        catch_response: bool,
        context: Mapping[str, Any],
        started: float,
        kwargs: dict[str, Any],
    ) -> Any:
        """As Locust has geventhttpclient do it, from what is answered already on."""
        stream = kwargs.pop("stream", False)
        agent = self.agent()
        agent.__dict__.pop("redirect_response_codes", None)
        if not allow_redirects:
            agent.redirect_response_codes = frozenset()  # type: ignore[misc]
        if reached:
            self.received[getcurrent()] = reached[::-1]
        if stream:
            self.streaming.add(getcurrent())
        own = self.__dict__
        looked_at = "client" in own
        own["client"] = agent
        try:
            response = self._send_request_safe_mode(method, url, payload=data, headers=headers, **kwargs)
        finally:
            self.received.pop(getcurrent(), None)
            self.streaming.discard(getcurrent())
            agent.__dict__.pop("redirect_response_codes", None)
            if not looked_at:
                own.pop("client", None)
        meta: dict[str, Any] = {
            "request_type": method,
            "name": name,
            "context": {**self.user.context(), **context} if self.user else context,
            "response": response,
            "exception": None,
            "start_time": time.time() - (perf_counter() - started),
            "url": url,
            "response_length": 0,
        }
        try:
            meta["response_length"] = _length_of(response, stream)
            response.raise_for_status()
        except FAILURE_EXCEPTIONS as error:
            if not (catch_response and "environment" in self.__dict__):  # older versions leave that to the with block
                meta["exception"] = error
        meta["response_time"] = (perf_counter() - started) * 1000
        if not catch_response:
            self.request_event.fire(**meta)
            return response
        if "environment" in self.__dict__:
            return CaughtFastResponse(response, environment=self.environment, request_meta=meta)  # type: ignore[call-arg]
        return CaughtFastResponse(response, self.request_event, meta, catch_response)

    def _agents_own(self, method: str, url: str, **kwargs: Any) -> Any:
        """Locust's own code, with Locust's own agent."""
        with Unbroken(method, kwargs["name"] or self.request_name or url) as request:
            response = _real_session.request(self, method, url, **kwargs)
            if not kwargs["catch_response"]:
                return response
            response.__class__ = CaughtFastResponse
            return request.leave_to(response)


_real_session: Any = fasthttp.FastHttpSession
FastHttpSession._originals = originals.of_geventhttpclient(FastHttpSession, _real_session)
FastHttpSession._watch = FastHttpSession._originals.watch


_CHECKED: Final[dict[str, Any]] = {"verify": True}
_UNCHECKED: Final[dict[str, Any]] = {"verify": False}
"""Of most users, who need no copies of them."""
_tls_of_pools: Final[WeakKeyDictionary[Any, dict[str, Any]]] = WeakKeyDictionary()


def _tls_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What a session's connections are to check and to show, as settings of a native client.

    A pool that users have in common has its own settings; what Locust gives to the agent does not reach it.
    """
    pool = given.get("client_pool")
    if pool is None:
        insecure, factory = given.get("insecure", True), given.get("ssl_context_factory")
        if factory:
            return settings_of(factory, insecure)
        return _UNCHECKED if insecure else _CHECKED
    if pool not in _tls_of_pools:
        if pool.client_args.get("ssl_options"):
            raise NotOfTheEngineError("its pool has ssl_options")
        insecure, factory = pool.client_args.get("insecure", False), pool.client_args.get("ssl_context_factory")
        _tls_of_pools[pool] = settings_of(factory, insecure) if factory else {"verify_host": not insecure}
    return _tls_of_pools[pool]


def _proxy_of(settings: Mapping[str, Any]) -> str | None:
    """The URL of the proxy that geventhttpclient is given by host and port."""
    host = settings.get("proxy_host")
    return f"http://{host}:{settings['proxy_port']}" if host else None


def _length_of(response: Any, stream: bool) -> int:
    """As Locust counts it: of a stream what the head says."""
    if stream:
        return int((response.headers or {}).get("content-length") or 0)
    return len(response.content) if response.content else 0


def _merged(headers: Mapping[str, str] | None, auth: Any) -> dict[str, str]:
    """A request's own headers with what Locust adds to them."""
    merged = dict(headers) if headers else {}
    if auth:
        merged["Authorization"] = auth if isinstance(auth, str) else fasthttp._construct_basic_auth_str(*auth[:2])
    if "Accept-Encoding" not in merged and "accept-encoding" not in merged:
        merged["Accept-Encoding"] = _ENCODINGS
    return merged


def _add_json_headers(merged: dict[str, str]) -> None:
    for name in ("Content-Type", "Accept"):
        if name not in merged and name.lower() not in merged:
            merged[name] = "application/json"
