"""Answers as requests has them, made of the engine's when somebody looks."""

from __future__ import annotations

import http.client
import io
import json as standard_json
from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import timedelta
from email.message import Message
from functools import lru_cache
from typing import Any, Final, Generic, TypeVar, overload
from urllib.parse import urlsplit

from locust.clients import ResponseContextManager
from requests import PreparedRequest, models
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar
from requests.models import Response
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import IncompleteRead

from katydid import _native
from katydid.parsing import parsed

from .http_errors import os_error
from .recording import end_judged, list_unjudged, meta_of, record_judged, sole_recorder
from .streams import Body, batches_of

T = TypeVar("T")

_models: Final[Any] = models
REDIRECTS: Final = frozenset((301, 302, 303, 307, 308))


def before(exchange: _native.Exchange) -> list[_native.Exchange]:
    """The redirects that have led to it, the first one first."""
    past: list[_native.Exchange] = []
    earlier = exchange.previous
    while earlier is not None:
        past.append(earlier)
        earlier = earlier.previous
    return past[::-1]


class Lazy(Generic[T]):
    """An attribute that is made at its first use. Assigning to it before or after is an ordinary assignment."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self._name = make.__name__

    @overload
    def __get__(self, owner: None, kind: type) -> Lazy[T]: ...
    @overload
    def __get__(self, owner: object, kind: type) -> T: ...
    def __get__(self, owner: object | None, kind: type) -> T | Lazy[T]:
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self._make(owner)
        return value


@lru_cache(maxsize=256)
def encoding_of(content_type: str) -> str | None:
    """What requests and Locust's FastResponse take from it."""
    return get_encoding_from_headers(CaseInsensitiveDict({"content-type": content_type}))


class _Original:
    """What http.cookiejar wants to see of an http.client.HTTPResponse."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.msg = Message()
        for name, value in pairs:
            self.msg[name] = value

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""


def _fail(native: _native.Response) -> None:
    """Raises what sockets and http.client do for a body that has ended too early. Where a length was given, urllib3
    counts the bytes itself.
    """
    text = native.stream_error
    match native.stream_error_kind:
        case "BodyTimeout":
            raise TimeoutError("timed out")
        case "IncompleteRead":
            if native.header("Content-Length") is None:
                raise http.client.IncompleteRead(b"")
        case "ClosedError":
            pass
        case "ProtocolError" | "BodyTooLarge":
            raise http.client.HTTPException(text.partition(": ")[2])
        case _:
            raise os_error(text)


class _Pool:
    """What an error says in the place of urllib3's pool of connections."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __str__(self) -> str:
        parts = urlsplit(self._url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        return f"HTTP{'S' if secure else ''}ConnectionPool(host={parts.hostname!r}, port={port})"


class StreamedRaw(HTTPResponse):
    """The `raw` of a response whose body is read as it comes."""

    def stream(self, amt: int | None = 2**16, decode_content: bool | None = None) -> Iterator[bytes]:  # type: ignore[override]
        """Of chunks what has come, at most so much; else so much, as urllib3 does it."""
        self._init_decoder()
        decodes = self.decode_content if decode_content is None else decode_content
        body: Any = self._fp
        if self.chunked:
            with self._error_catcher():
                while piece := body.read1(-1 if amt is None else amt):
                    if decoded := self._decode(piece, decodes, flush_decoder=False):
                        yield decoded
                if decodes and (rest := self._flush_decoder()):
                    yield rest
        elif decodes and self._decoder is not None:
            yield from super().stream(amt, decode_content)
        else:
            with self._error_catcher():
                while piece := body.read(amt):
                    self._count(len(piece))
                    yield piece
                if self.length_remaining:
                    raise IncompleteRead(self._fp_bytes_read, self.length_remaining)

    def _count(self, size: int) -> None:
        self._fp_bytes_read += size
        if self.length_remaining is not None:
            self.length_remaining -= size


def raw_of(native: _native.Response, method: str | None) -> HTTPResponse:
    """`response.raw` of a request with that method: the body as it comes, or read already."""
    pairs = native.headers
    kind: type[HTTPResponse] = HTTPResponse
    body: dict[str, Any] = {"body": io.BytesIO(b"")}
    if native.is_stream:
        kind = StreamedRaw
        body = {"body": Body(native, _fail), "pool": _Pool(native.url), "decode_content": False}
    return kind(
        **body,
        headers=HTTPHeaderDict(pairs),
        status=native.status,
        version=11,
        reason=native.reason,
        request_method=method,
        preload_content=False,
        original_response=_Original(pairs),  # type: ignore[arg-type]
    )


def headers_of(native: _native.Response) -> CaseInsensitiveDict[str]:
    """`response.headers`: several of one name become one, as urllib3 joins them."""
    joined: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in native.headers:
        known = joined.get(name)
        if known is None:
            joined[name] = value
        else:
            first = joined._store[name.lower()][0]  # type: ignore[attr-defined]
            joined[first] = f"{known}, {value}"
    return joined


def plain_response(native: _native.Response, request: PreparedRequest, connection: Any) -> Response:
    """A requests.Response, as an adapter of requests returns it."""
    response = Response()
    response.status_code = native.status
    response.headers = headers_of(native)
    response.encoding = get_encoding_from_headers(response.headers)
    response.raw = raw_of(native, request.method)
    response.reason = native.reason
    response.url = request.url or ""
    response.request = request
    if not native.is_stream:
        response._content = native.body
        response._content_consumed = True  # type: ignore[attr-defined]
    response.connection = connection
    extract_cookies_to_jar(response.cookies, request, response.raw)
    return response


def request_of(asked: _native.Asked) -> PreparedRequest:
    """What was sent, as requests has it."""
    request = PreparedRequest()
    request.method = asked.method
    request.url = asked.url
    request.headers = CaseInsensitiveDict(asked.fields)
    if asked.cookie is not None:
        request.headers["Cookie"] = asked.cookie
    request.body = asked.body
    request._cookies = RequestsCookieJar()  # type: ignore[attr-defined]
    return request


class CaughtResponse(ResponseContextManager):
    """Locust's ResponseContextManager, of a response that is requests' own."""

    __slots__ = ()

    def __exit__(self, exc: Any, value: Any, traceback: Any) -> Any:  # type: ignore[override]
        list_unjudged(self, exc)
        done = super().__exit__(exc, value, traceback)  # type: ignore[no-untyped-call]
        end_judged(self)
        return done


class NativeResponse(ResponseContextManager):
    """What a session returns: Locust's ResponseContextManager, and so a requests.Response."""

    __slots__ = ("_exchange",)

    connection: Any = None
    error = None
    _entered = False
    _manual_result = None

    _exchange: _native.Exchange

    def __init__(self) -> None:
        """Without the attributes of requests.Response: they are lazy."""

    @Lazy
    def status_code(self) -> int:
        return self._exchange.status

    @Lazy
    def _content(self) -> Any:
        answer = self._exchange.answer
        return False if answer.is_stream else answer.body

    @Lazy
    def _content_consumed(self) -> bool:
        return not self._exchange.answer.is_stream

    def json(self, **kwargs: Any) -> Any:
        if not kwargs and self.encoding and _models.complexjson is standard_json:  # where requests reads its text
            try:
                return parsed(self.text)
            except ValueError:
                pass  # requests says it in its own words
        return super().json(**kwargs)

    def iter_lines(
        self, chunk_size: int | None = 512, decode_unicode: bool = False, delimiter: Any = None
    ) -> Iterator[Any]:
        native = self._exchange.answer
        as_usual = decode_unicode or delimiter or not native.is_stream or "raw" in self.__dict__
        if as_usual or self._content_consumed or native.header("Content-Encoding") is not None:
            return super().iter_lines(chunk_size, decode_unicode, delimiter)
        return _native.Unbatched(self._batches(native))

    def _batches(self, native: _native.Response) -> Generator[list[bytes]]:
        yield from batches_of(native, native.take_lines)
        if native.stream_error:
            list(self.iter_content(512))  # nothing is left: it raises what there is to raise
        self._content_consumed = True

    @Lazy
    def headers(self) -> CaseInsensitiveDict[str]:
        return headers_of(self._exchange.answer)

    @Lazy
    def encoding(self) -> str | None:
        kind = self._exchange.answer.sole_header("Content-Type")
        return get_encoding_from_headers(self.headers) if kind is None else encoding_of(kind)

    @Lazy
    def reason(self) -> str:
        return self._exchange.answer.reason

    @Lazy
    def url(self) -> str:
        return self._exchange.asked.url

    @Lazy
    def elapsed(self) -> timedelta:
        exchange = self._exchange
        if exchange.previous is not None:  # without what was before
            return timedelta(seconds=exchange.answer.elapsed)
        return timedelta(milliseconds=exchange.milliseconds)

    @Lazy
    def history(self) -> list[Response]:
        past: list[Response] = []
        for exchange in before(self._exchange):
            response = plain_response(exchange.answer, request_of(exchange.asked), None)
            response.elapsed = timedelta(seconds=exchange.answer.elapsed)
            response.history = past[:]
            past.append(response)
        return past

    @Lazy
    def _next(self) -> PreparedRequest | None:
        if self.status_code not in REDIRECTS:
            return None
        following = self._exchange.session.resolve_redirects(self, self.request, yield_requests=True)
        return next(following, None)

    @Lazy
    def raw(self) -> HTTPResponse:
        return raw_of(self._exchange.answer, self._exchange.asked.method)

    @Lazy
    def cookies(self) -> RequestsCookieJar:
        jar = RequestsCookieJar()
        extract_cookies_to_jar(jar, self.request, self.raw)
        return jar

    @Lazy
    def request(self) -> PreparedRequest:
        return request_of(self._exchange.asked)

    @Lazy
    def request_meta(self) -> Mapping[str, Any]:
        return meta_of(self)

    @Lazy
    def _request_event(self) -> Any:
        return self._exchange.session.request_event

    @Lazy
    def _catch_response(self) -> bool:
        return self._exchange.catches

    def _record_by_status(self) -> bool:
        """As a success. Its listeners see the name as its URL, as with Locust."""
        if sole_recorder(self._exchange.session.request_event) is not None:
            return record_judged(self, None, True)
        url, self.url = self.url, self._exchange.name
        done = record_judged(self, None, True)
        self.url = url
        return done

    def __exit__(self, exc: Any, value: Any, traceback: Any) -> Any:  # type: ignore[override]
        if self._manual_result is not None:
            done = record_judged(self, exc, self._manual_result is True)
        elif done := exc is None and self.status_code < 400:
            done = self._record_by_status()
        if not done:
            list_unjudged(self, exc)
            done = super().__exit__(exc, value, traceback)  # type: ignore[no-untyped-call]
        end_judged(self)
        return done
