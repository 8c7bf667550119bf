"""geventhttpclient's user agent, whose connections are the engine's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final, Protocol

from gevent import getcurrent
from geventhttpclient.header import Headers
from geventhttpclient.url import URL
from greenlet import greenlet
from locust.contrib.fasthttp import FastRequest, LocustUserAgent

from katydid import _native

from ..adapter import tell_once
from ..http_response import REDIRECTS
from ..hub import pieces_of
from .errors import IN_THE_BODY, raise_for
from .response import Answer, DecodedResponse, StreamedAnswer, UndecodedAnswer

# Versions of Locust and geventhttpclient differ in these.
QUOTES: Final = "quoted_uri" in LocustUserAgent._urlopen.__code__.co_consts and hasattr(URL, "quoted_uri")


def _follows_alike() -> bool:
    """Whether redirects lead where C++ follows them to, with what it sends there: they don't in older versions."""

    def followed(code: int, location: str, method: str = "PUT") -> list[object]:
        fields = ["Content-Length", "Content-Type", "Content-Encoding", "Authorization", "Cookie", "Own"]
        headers = Headers([(name, "1") for name in fields])
        request: Any = FastRequest("http://h:80/a/b;c?d=e", method=method, headers=headers, payload=b"1")
        request.redirect(code, location)
        return [request.method, request.url, sorted(request.headers), request.payload, request.unverifiable]

    of_the_body = ["content-encoding", "content-length", "content-type"]
    try:
        return (
            followed(301, "/x?y=/../z") == ["GET", "http://h:80/x?y=/../z", ["authorization", "own"], None, True]
            and followed(303, "http://h/x", "HEAD")[:3] == ["HEAD", "http://h/x", ["authorization", "own"]]
            and followed(302, "https://h/x")[:3] == ["GET", "https://h/x", ["own"]]
            and followed(307, "http://h:1/x")[:4] == ["PUT", "http://h:1/x", [*of_the_body, "own"], b"1"]
            and followed(308, "x")[:3] == ["PUT", "http://h:80/a/x", ["authorization", *of_the_body, "own"]]
            and LocustUserAgent.redirect_response_codes == REDIRECTS
        )
    except (AttributeError, TypeError, ValueError):
        return False


FOLLOWS_ALIKE: Final = _follows_alike()

_BLOCK: Final = 64 * 1024
"""Of a file that is not sent in chunks: nobody sees how it is read."""


def _declared(head: str) -> int | None:
    """The length of the body by that head; None where it is sent in chunks."""
    fields = head.lower()
    if "\r\ntransfer-encoding:" in fields:
        return None
    return int(fields.partition("\r\ncontent-length:")[2].partition("\r\n")[0] or 0)


def _is_sent_as_declared(body: Any, size: int | None) -> bool:
    """Other bodies geventhttpclient refuses, in its own words."""
    if size is None:
        return hasattr(body, "read") or hasattr(body, "__iter__")
    return hasattr(body, "read") and not isinstance(body, io.TextIOBase)


class AgentSession(Protocol):
    """What the agent needs of the session that it belongs to."""

    received: dict[greenlet, list[_native.Exchange | BaseException]]
    """What is there already of the engine's, the last one first: answers, or what has ended the wait for one."""
    streaming: set[greenlet]
    """Those that read the body of what they ask for as it comes."""

    def send(self, method: str, url: str, options: dict[str, Any]) -> _native.Response:
        """One exchange over the engine."""

    def upload(
        self, method: str, url: str, options: dict[str, Any], pieces: Iterator[Any], size: int | None
    ) -> _native.Response:
        """The same with a body that is read meanwhile."""


class UserAgent(LocustUserAgent):
    """Locust's user agent, whose connections are the engine's."""

    response_type = DecodedResponse
    session: AgentSession

    def _handle_error(self, e: BaseException, url: Any = None) -> BaseException:
        """An answer that has begun is not asked for again."""
        if IN_THE_BODY in getattr(e, "__notes__", ()):
            raise e
        error: BaseException = super()._handle_error(e, url=url)
        return error

    def _urlopen(self, request: FastRequest) -> Any:  # type: ignore[override]
        done = self.session.received.get(getcurrent())
        ended = done.pop() if done else None
        if isinstance(ended, BaseException):
            raise ended
        received = None if ended is None else ended.answer
        client = self.clientpool.get_client(request.url_split)
        uri = request.url_split.quoted_uri if QUOTES else request.url_split.request_uri
        body: Any = request.payload
        body = body.encode() if isinstance(body, str) else b"" if body is None else body
        is_stream = not isinstance(body, bytes | bytearray)
        if not is_stream and "transfer-encoding" in request.headers:
            tell_once("a text with a transfer coding: geventhttpclient sends such requests, at its cost")
            return super()._urlopen(request)  # type: ignore[no-untyped-call]
        head = client._build_request(request.method, uri, body=body, headers=request.headers)
        size = _declared(head)
        if is_stream and not _is_sent_as_declared(body, size):
            tell_once("a body of an unusual type: geventhttpclient sends such requests, at its cost")
            return super()._urlopen(request)  # type: ignore[no-untyped-call]
        if received is None:
            if not uri.startswith("/"):
                uri = "/" + uri
            url = f"{request.url_split.scheme}://{request.url_split.netloc.rpartition('@')[2]}{uri}"
            lines = head.partition("\r\n")[2].removesuffix("\r\n").encode("latin-1")
            options: dict[str, Any] = {"composed_head": lines}
            if getcurrent() in self.session.streaming:
                options |= {"stream": True, "decodes": False}
            if is_stream:
                pieces = pieces_of(body, client.block_size if size is None else _BLOCK)
                received = self.session.upload(request.method, url, options, pieces, size)
            else:
                received = self.session.send(request.method, url, options | {"body": body})
        if received.error_kind == "UnknownEncoding":
            answer: Answer = UndecodedAnswer(received, head)
        elif received.status == 0:
            raise_for(received)
        elif received.is_stream:
            answer = StreamedAnswer(received, head)
        else:
            answer = Answer(received, head)
        return self.response_type(answer, request=request, sent_request=head)  # type: ignore[arg-type]
