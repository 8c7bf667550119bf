"""Answers as geventhttpclient and Locust's FastResponse have them, made of the engine's when somebody looks."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from geventhttpclient.header import Headers
from geventhttpclient.response import HTTPConnectionClosed
from geventhttpclient.useragent import CompatResponse
from locust.contrib.fasthttp import FastRequest, FastResponse
from locust.contrib.fasthttp import ResponseContextManager as FastCaught

from katydid import _native
from katydid.parsing import parsed

from ..http_response import Lazy, before, encoding_of
from ..recording import end_judged, list_unjudged, meta_of, record_judged
from ..streams import Body, batches_of
from .errors import raise_for_body


class Answer:
    """What geventhttpclient's response classes expect below them: an answer that is all there."""

    version = "HTTP/1.1"
    message_complete = True

    def __init__(self, native: _native.Response, sent_request: str = "") -> None:
        self._native = native
        self._sent_request = sent_request
        self._at = 0
        self.status_code = native.status

    @Lazy
    def _headers_index(self) -> Headers:
        return Headers(self._native.headers)

    def get_code(self) -> int:
        return self._native.status

    def read(self, length: int | None = None) -> bytes:
        """The next bytes of the body."""
        body = self._native.body
        end = len(body) if length is None else min(len(body), self._at + length)
        part, self._at = body[self._at : end], end
        return part

    def readline(self, sep: bytes = b"\r\n") -> bytes:
        """To the next separator, or all that is left."""
        body = self._native.body
        found = body.find(sep, self._at)
        return self.read((found + len(sep) if found >= 0 else len(body)) - self._at)

    @property
    def length(self) -> int:
        return len(self._native.body)

    def release(self) -> None:
        """Its connection is back in the pool."""


class StreamedAnswer(Answer):
    """An answer whose body is read as it comes, as it was sent."""

    DEFAULT_BLOCK_SIZE = 1024 * 4

    def __init__(self, native: _native.Response, sent_request: str = "") -> None:
        super().__init__(native, sent_request)
        self._body = Body(native, raise_for_body)

    def read(self, length: int | None = None) -> bytes:
        return self._body.read(length)

    def readline(self, sep: bytes = b"\r\n") -> bytes:
        return self._body.readline(sep)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._body.read(self.DEFAULT_BLOCK_SIZE):
            yield piece

    def batches(self) -> Iterator[str]:
        """Lines that end with a line feed; where the connection breaks, they end, as in Locust's iter_lines()."""
        yield from batches_of(self._native, self._native.take_text_lines)
        if self._native.stream_error:
            with suppress(HTTPConnectionClosed, ConnectionError):
                raise_for_body(self._native)

    @property
    def message_complete(self) -> bool:  # type: ignore[override]
        return not self._native.is_open

    @property
    def length(self) -> int | None:  # type: ignore[override]
        text = self._native.sole_header("Content-Length")
        return int(text) if text is not None else None

    def release(self) -> None:
        """Closes its connection, unless all has come."""
        self._native.close()


class UndecodedAnswer(Answer):
    """One with a Content-Encoding that nobody knows: whoever reads its body gets what geventhttpclient raises."""

    def __init__(self, native: _native.Response, sent_request: str = "") -> None:
        super().__init__(native, sent_request)
        self.status_code = 200

    def get_code(self) -> int:
        return self.status_code

    def read(self, length: int | None = None) -> bytes:
        encoding = (self._native.error or "").partition(": ")[2].lower()
        if encoding == "compress":
            raise ValueError(f"Compression type not supported: {encoding}")
        raise ValueError(f"Unknown content encoding: {encoding}")


class _Native:
    """The parts of a FastResponse, made of the engine's answer when somebody looks."""

    __slots__ = ()

    _exchange: _native.Exchange
    encoding: Any

    def _content(self) -> bytes:
        answer = self._exchange.answer
        return CompatResponse._content(self) if answer.is_stream else answer.body  # type: ignore[arg-type]

    @property
    def status_code(self) -> int:
        return self._exchange.status

    @property
    def text(self) -> str | None:
        if self.encoding is None and "headers" not in self.__dict__:
            kind = self._exchange.answer.sole_header("Content-Type")
            if kind is not None:
                self.__dict__["encoding"] = encoding_of(kind)
        text: str | None = FastResponse.text.fget(self)  # type: ignore[attr-defined]
        return text

    def json(self) -> Any:
        text = self.text
        return json_module.loads(text) if text is None else parsed(text)  # type: ignore[arg-type]

    @Lazy
    def headers(self) -> Headers:
        return Headers(self._exchange.answer.headers)

    @Lazy
    def _response(self) -> Answer:
        answer = self._exchange.answer
        return StreamedAnswer(answer) if answer.is_stream else Answer(answer)

    @Lazy
    def request(self) -> FastRequest:
        asked = self._exchange.asked
        headers = dict(asked.fields)
        if asked.cookie is not None:
            headers["Cookie"] = asked.cookie
        first = self._exchange.first.asked
        request = FastRequest(first.url, method=asked.method, headers=Headers(headers), payload=asked.body)
        if first is not asked:
            request.set_url(asked.url)
            request.unverifiable = True
        return request

    @Lazy
    def _history(self) -> list[Any]:
        past: list[Any] = []
        for exchange in before(self._exchange):
            response = object.__new__(NativeFastResponse)
            response._exchange = exchange
            response.__dict__["request"] = self.request  # which goes on from one to the next
            past.append(response)
        return past

    @Lazy
    def _request(self) -> FastRequest:
        return self.request

    @Lazy
    def _elapsed(self) -> float:
        exchange = self._exchange
        return exchange.answer.elapsed if exchange.previous is not None else exchange.milliseconds / 1000

    @Lazy
    def request_meta(self) -> dict[str, Any]:
        return meta_of(self)


class NativeFastResponse(_Native, FastResponse):  # type: ignore[misc]
    """A FastResponse."""

    __slots__ = ("_exchange",)

    def __init__(self) -> None:
        """Its attributes are lazy."""


class CaughtFastResponse(FastCaught):
    """Locust's FastResponse for `with`, of a response that is geventhttpclient's own."""

    __slots__ = ()

    def __exit__(self, exc: Any, value: Any, traceback: Any) -> Any:  # type: ignore[override]
        list_unjudged(self, exc)
        done = super().__exit__(exc, value, traceback)  # type: ignore[no-untyped-call]
        end_judged(self)
        return done


class NativeCaught(_Native, FastCaught):  # type: ignore[misc]
    """A FastResponse for `with`."""

    __slots__ = ("_exchange",)

    _catch_response = True

    def __init__(self) -> None:
        """Its attributes are lazy."""

    @Lazy
    def _request_event(self) -> Any:
        return self._exchange.session.request_event

    @Lazy
    def _environment(self) -> Any:
        return self._exchange.session.environment

    def __exit__(self, exc: Any, value: Any, traceback: Any) -> Any:  # type: ignore[override]
        succeeded = self._manual_result is True or self._manual_result is None
        done = record_judged(self, exc, succeeded)
        if not done:
            list_unjudged(self, exc)
            done = super().__exit__(exc, value, traceback)  # type: ignore[no-untyped-call]
        end_judged(self)
        return done


class DecodedResponse(FastResponse):
    """A response of the user agent; the engine has taken its body out of gzip and the like."""

    def _content(self) -> Any:
        if isinstance(self._response, StreamedAnswer):
            return super()._content()
        return None if self.headers is None else self._response.read()  # type: ignore[union-attr]
