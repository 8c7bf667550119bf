"""geventhttpclient's user agent, whose connections are the engine's."""

from __future__ import annotations

from typing import Any, Final, Protocol

from gevent import Timeout, getcurrent
from geventhttpclient.url import URL
from greenlet import greenlet
from locust.contrib.fasthttp import FastRequest, LocustUserAgent

from katydid import _native

from .adapter import tell_once
from .fast_errors import IN_THE_BODY, raise_for
from .fast_response import Answer, DecodedResponse, StreamedAnswer, UndecodedAnswer

# Versions of Locust and geventhttpclient differ in these.
QUOTES: Final = "quoted_uri" in LocustUserAgent._urlopen.__code__.co_consts and hasattr(URL, "quoted_uri")


class AgentSession(Protocol):
    """What the agent needs of the session that it belongs to."""

    received: dict[greenlet, _native.Response | Timeout]
    """What is there already of the engine's: an answer, or the limit that has ended the wait for it."""
    streaming: set[greenlet]
    """Those that read the body of what they ask for as it comes."""

    def send(self, method: str, url: str, options: dict[str, Any]) -> _native.Response:
        """One exchange over the engine."""


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
        received = self.session.received.pop(getcurrent(), None)
        if isinstance(received, Timeout):
            raise received
        client = self.clientpool.get_client(request.url_split)
        uri = request.url_split.quoted_uri if QUOTES else request.url_split.request_uri
        body: Any = request.payload
        body = body.encode() if isinstance(body, str) else body or b""
        if not isinstance(body, bytes | bytearray) or "transfer-encoding" in request.headers:
            tell_once(
                "a body that is read from a file or a generator: geventhttpclient sends such requests, at its cost"
            )
            return super()._urlopen(request)  # type: ignore[no-untyped-call]
        head = client._build_request(request.method, uri, body=body, headers=request.headers)
        if received is None:
            if not uri.startswith("/"):
                uri = "/" + uri
            url = f"{request.url_split.scheme}://{request.url_split.netloc.rpartition('@')[2]}{uri}"
            lines = head.partition("\r\n")[2].removesuffix("\r\n").encode("latin-1")
            options: dict[str, Any] = {"composed_head": lines, "body": body}
            if getcurrent() in self.session.streaming:
                options |= {"stream": True, "decodes": False}
            received = self.session.send(request.method, url, options)
        if received.error_kind == "UnknownEncoding":
            answer: Answer = UndecodedAnswer(received, head)
        elif received.status == 0:
            raise_for(received)
        elif received.is_stream:
            answer = StreamedAnswer(received, head)
        else:
            answer = Answer(received, head)
        return self.response_type(answer, request=request, sent_request=head)  # type: ignore[arg-type]
