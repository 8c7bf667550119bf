"""The client of a FastHttpUser: Locust's FastHttpSession over the engine.

A request that is answered without a redirect or an error goes to the engine directly. All else is the work of
geventhttpclient's user agent, whose connections are the engine's.
"""

from __future__ import annotations

import json as json_module
import re
import ssl
import time
from collections.abc import Mapping
from time import perf_counter
from typing import Any, Final

from gevent import Timeout, get_hub, getcurrent
from geventhttpclient.client import HTTPClient
from geventhttpclient.connectionpool import ConnectionPool
from greenlet import greenlet
from locust.contrib import fasthttp
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS, LocustUserAgent
from locust.contrib.fasthttp import ResponseContextManager as FastCaught
from requests.utils import requote_uri

from katydid import _native

from .adapter import host_header, tell_once
from .cookies import AgentCookies
from .fast_agent import UserAgent
from .fast_response import NativeCaught, NativeFastResponse
from .http_response import is_redirect
from .hub import exchange, host, lingering

_SAFE_URL: Final = re.compile(r"https?://[\w.\-:]+/[\w\-.~%:/?@!$&'()*+,;=]*", re.ASCII)
_VALID: Final = LocustUserAgent.valid_response_codes
_new: Final[Any] = object.__new__
# Versions of geventhttpclient differ.
_WITHOUT_BODY: Final = frozenset(
    method
    for method in ("POST", "PUT", "PATCH")
    if "Content-Length: 0" in HTTPClient("h")._build_request(method, "/", b"")
)
_SPECIAL: Final = frozenset(("host", "content-length", "transfer-encoding", "cookie", "expect"))
_MOST_TARGETS: Final = 2_000
_MOST_READY: Final = 16
_ENCODINGS: Final = next(
    (
        c
        for c in fasthttp.FastHttpSession.request.__code__.co_consts
        if isinstance(c, str) and c.startswith("gzip, defl")
    ),
    "gzip, deflate",
)
_Head = tuple[dict[str, str], dict[str, str], bytes, str | None]
_targets: dict[str | None, dict[str, tuple[str, bytes | None]]] = {}
_heads: dict[tuple[object, ...], _Head] = {}
_ready: dict[tuple[str | None, bytes], dict[str, _native.Asked]] = {}


class FastHttpSession(_native.Session, fasthttp.FastHttpSession):
    """See the module."""

    _answer_type = NativeFastResponse
    _caught_type = NativeCaught
    _agent: UserAgent | None = None
    _own = False
    """Made with what only geventhttpclient has: it does it all."""

    received: dict[greenlet, _native.Response | Timeout]
    cookiejar: Any
    _head: _Head

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
        hindrance = (
            "a proxy" if given.get("proxy_host") else "ssl_context_factory" if given.get("ssl_context_factory") else ""
        )
        if hindrance or (self.base_url and "@" in self.base_url):
            super().__init__(*args, **kwargs)
            if hindrance:
                self._own = True
                tell_once(f"{hindrance}: geventhttpclient does it for such users, at its cost")
            else:
                del self.__dict__["client"], self.__dict__["cookiejar"]

    def __getattr__(self, name: str) -> Any:
        made: Any
        match name:
            case "client":
                made = self.agent()
            case "cookiejar":
                made = AgentCookies()
            case "received":
                made = {}
            case "_head":
                made = self._composed_head()
            case _:
                raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        self.__dict__[name] = made
        self._ready = None
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

    def _composed_head(self) -> _Head:
        """The agent's default headers, those of a request without any of its own, and their text."""
        if self._agent is not None:
            headers = self._agent.default_headers
        else:
            headers = HTTPClient.DEFAULT_HEADERS.copy()
            headers.update(self._settings.get("headers") or {})
        defaults = {name: value for name, value in headers.items() if isinstance(value, str)}
        key = (*defaults.items(), self.auth_header)
        if key not in _heads:
            merged = {**defaults}
            if self.auth_header:
                merged["Authorization"] = self.auth_header
            merged["Accept-Encoding"] = _ENCODINGS
            _heads[key] = (defaults, merged, _text(merged), self.auth_header)
        return _heads[key]

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
                verify=not given.get("insecure", True),
                connect_timeout=limits.get("connection_timeout", ConnectionPool.DEFAULT_CONNECTION_TIMEOUT),
                timeout=limits.get("network_timeout", ConnectionPool.DEFAULT_NETWORK_TIMEOUT),
                max_connections=limits.get("concurrency", 1),
            )
            self._client, self._hub = client, here.hub
        return client

    def send(self, method: str, url: str, options: dict[str, Any]) -> _native.Response:
        """One exchange over the engine."""
        return exchange(self.client_here(), get_hub(), method, url, options)

    def request(
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
        """As Locust's FastHttpSession.request()."""
        if self._own or stream:
            if stream:
                tell_once("stream=True: such requests are sent by geventhttpclient, at its cost")
            kwargs |= {"stream": stream, "headers": headers, "auth": auth, "json": json, "context": context}
            kwargs |= {"name": name, "data": data, "catch_response": catch_response, "allow_redirects": allow_redirects}
            return self._streamed(method, url, **kwargs)
        if self.request_name and not name:
            name = self.request_name
        started = perf_counter()
        native: _native.Response | Timeout | None = None
        built, host_line = self._target(url)
        found: tuple[tuple[str, str, dict[str, str], Any], bytes, bytes | None] | None = None
        plain = method == "GET" and data is None and json is None and not (headers or auth)
        if host_line is not None and not kwargs:
            found = self._compose(method, built, host_line, data, headers, auth, json)
        if found is not None:
            parts, text, payload = found
            asked = _native.Asked(method, built, url, text, payload, parts)
            if plain:
                self._make_ready(url, asked)
            outcome = self._exchange(asked, method, name, context, catch_response)
            if type(outcome) is not _native.Exchange:
                if not isinstance(outcome, Timeout):
                    return outcome
                native = outcome  # a failure, as geventhttpclient sees it
            elif self._is_answered(outcome, allow_redirects):
                return self._answer(outcome, catch_response)
            else:
                native = outcome.answer
        merged = _merged(headers, auth or self.auth_header)
        if not data and json is not None:
            data = json_module.dumps(json)
            _add_json_headers(merged)
        return self._by_agent(
            native, method, built, name or url, data, merged, allow_redirects, catch_response, context, started, kwargs
        )

    def _target(self, url: str) -> tuple[str, bytes | None]:
        """The whole URL with its Host line; None where a URL is for the agent to quote."""
        targets = _targets.setdefault(self.base_url, {})
        target = targets.get(url)
        if target is None:
            built = self._build_url(url)
            safe = _SAFE_URL.fullmatch(built) and not ("%" in built and requote_uri(built) != built)
            if len(targets) > _MOST_TARGETS:
                targets.clear()
            target = targets[url] = (built, b"Host: " + host_header(built) if safe else None)
        return target

    def _compose(
        self,
        method: str,
        url: str,
        host_line: bytes,
        data: Any,
        headers: Mapping[str, str] | None,
        auth: Any,
        json: Any,
    ) -> tuple[tuple[str, str, dict[str, str], Any], bytes, bytes | None] | None:
        """The request as the agent would make it; None where that is for the agent to say."""
        defaults, fields, text, signed = self._head
        if signed != self.auth_header or (
            "client" in self.__dict__ and dict(self.client.default_headers.items()) != defaults
        ):
            del self.__dict__["_head"]
            defaults, fields, text, _ = self._head
        payload: bytes | None = None
        given = data
        if headers or auth or data or json is not None:
            merged = _merged(headers, auth or self.auth_header)
            if data:
                if isinstance(data, bytes):
                    payload, kind = data, "application/octet-stream"
                elif isinstance(data, str):
                    if any(name.lower() == "content-type" for name in merged) and not data.isascii():
                        return None
                    payload, kind = data.encode(), "text/plain; charset=utf-8"
                else:
                    return None
                if not any(name.lower() == "content-type" for name in merged):
                    merged["content-type"] = kind
                    given = payload
                    if isinstance(data, str):
                        merged["content-length"] = str(len(payload))
            elif json is not None:
                given = json_module.dumps(json)
                payload = given.encode()
                _add_json_headers(merged)
            if not _SPECIAL.isdisjoint([name.lower() for name in headers or ()]):
                return None
            names = {name.lower(): (name, value) for name, value in defaults.items()}
            for name, value in merged.items():
                names[name.lower()] = (name, value)
            fields = dict(names.values())
            try:
                text = _text(fields)
            except (TypeError, ValueError, AttributeError):
                return None
        upper = method.upper()
        text += host_line
        if payload and "content-length" not in fields:
            text += b"Content-Length: %d\r\n" % len(payload)
        elif not payload and upper in _WITHOUT_BODY:
            text += b"Content-Length: 0\r\n"
        if "cookiejar" in self.__dict__ and self.cookiejar._cookies:
            jar = self.cookiejar
            if type(jar) is not AgentCookies:
                return None
            cookie = jar.header(url)
            if cookie is not None:
                text += b"Cookie: " + cookie.encode("latin-1") + b"\r\n"
                fields = {**fields, "Cookie": cookie}
        return (upper, url, fields, given), text, payload

    def _make_ready(self, url: str, asked: _native.Asked) -> None:
        """From now on, get() sends this for the URL, until something changes."""
        own = self.__dict__
        if "client" in own:
            return
        if type(self).request is not _request or "request" in own:  # somebody wants to see each one
            return
        jar = own.get("cookiejar")
        if jar is None:
            ready = _ready.setdefault((self.base_url, self._head[2]), {})
            if len(ready) >= _MOST_TARGETS:
                ready.clear()
        else:
            if type(jar) is not AgentCookies or not jar.is_lasting:
                return
            ready = {} if self._ready is None else self._ready
            if len(ready) >= _MOST_READY:
                return
            jar.ready = ready
        ready[url] = asked
        self._ready = ready

    def _interrupted(self, exchange: _native.Exchange, error: BaseException) -> BaseException | None:
        """A time limit of geventhttpclient's is a failure, nothing else is."""
        lingering.give_up(exchange, error, self._late)
        return error if isinstance(error, Timeout) else None

    def _late(self, exchange: _native.Exchange) -> None:
        """Records what a user who is gone had asked for."""
        if exchange.status in _VALID:
            self._answer(exchange, False)
        else:
            self._rest(exchange, exchange.answer, exchange.asked.url, {}, False, False)

    def _go_on(self, exchange: _native.Exchange, outcome: Any, url: str, allow_redirects: bool) -> Any:
        """After the native get(), where its answer needs more than that knows of."""
        if outcome is exchange and self._is_answered(exchange, allow_redirects):
            return self._answer(exchange, exchange.catches)
        native = exchange.answer if outcome is exchange else outcome
        headers = _merged(None, self.auth_header)
        return self._rest(exchange, native, exchange.asked.url, headers, allow_redirects, exchange.catches)

    def _rest(
        self,
        exchange: _native.Exchange,
        native: _native.Response | Timeout,
        url: str,
        headers: dict[str, str],
        allow_redirects: bool,
        catch_response: bool,
    ) -> Any:
        return self._by_agent(
            native,
            exchange.method,
            url,
            exchange.name,
            None,
            headers,
            allow_redirects,
            catch_response,
            exchange.context or {},
            exchange.started,
            {},
        )

    @staticmethod
    def _is_answered(exchange: _native.Exchange, allow_redirects: bool) -> bool:
        return exchange.status in _VALID and not (allow_redirects and is_redirect(exchange))

    def _answer(self, exchange: _native.Exchange, catch_response: bool) -> Any:
        """Makes the response of an exchange that went well, and records it."""
        response = _new(NativeCaught if catch_response else NativeFastResponse)
        response._exchange = exchange
        if exchange.answer.header("Set-Cookie") is not None:
            self.cookiejar.extract_cookies(response, response.request)
        if not catch_response:
            self._report(exchange, response)
        return response

    def _by_agent(
        self,
        native: _native.Response | Timeout | None,
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
        """The rest of a request, or all of it, as Locust has geventhttpclient do it."""
        agent = self.agent()
        agent.__dict__.pop("redirect_response_codes", None)
        if not allow_redirects:
            agent.redirect_response_codes = frozenset()  # type: ignore[misc]
        if native is not None:
            self.received[getcurrent()] = native
        own = self.__dict__
        looked_at = "client" in own
        own["client"] = agent
        try:
            response = self._send_request_safe_mode(method, url, payload=data, headers=headers, **kwargs)
        finally:
            self.received.pop(getcurrent(), None)
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
            meta["response_length"] = len(response.content) if response.content else 0
            response.raise_for_status()
        except FAILURE_EXCEPTIONS as error:
            if not (catch_response and "environment" in self.__dict__):  # older versions leave that to the with block
                meta["exception"] = error
        meta["response_time"] = (perf_counter() - started) * 1000
        if not catch_response:
            self.request_event.fire(**meta)
            return response
        if "environment" in self.__dict__:
            return FastCaught(response, environment=self.environment, request_meta=meta)  # type: ignore[call-arg]
        return FastCaught(response, self.request_event, meta, catch_response)

    def _streamed(self, method: str, url: str, **kwargs: Any) -> Any:
        """Locust's own code, with Locust's own agent."""
        if self._own:
            return super().request(method, url, **kwargs)
        real = self.__dict__.get("_real")
        if real is None:
            settings = {name: value for name, value in self._settings.items() if name != "cookiejar"}
            real = self.__dict__["_real"] = _real_session(**settings)
            real.cookiejar = self.cookiejar
            real.client.cookiejar = self.cookiejar
        real.request_name = self.request_name
        return real.request(method, url, **kwargs)


_request: Final = FastHttpSession.request
_real_session: Any = fasthttp.FastHttpSession


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


_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def _text(headers: Mapping[str, str]) -> bytes:
    for name, value in headers.items():
        if not (_TOKEN.fullmatch(name) and _VALUE.fullmatch(value)):
            raise ValueError(name)
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()]).encode("latin-1")
