"""geventhttpclient's user agent, whose connections are the engine's."""

from __future__ import annotations

import socket
import ssl
from typing import Any, Final, NoReturn, Protocol

from gevent import Timeout, getcurrent
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError
from geventhttpclient.url import URL
from greenlet import greenlet
from locust.contrib.fasthttp import FAILURE_EXCEPTIONS, FastRequest, LocustUserAgent

from katydid import _native

from .adapter import tell_once
from .fast_response import Answer, DecodedResponse, UndecodedAnswer
from .http_errors import decoding_error, os_error

# Versions of Locust and geventhttpclient differ in these.
QUOTES: Final = "quoted_uri" in LocustUserAgent._urlopen.__code__.co_consts and hasattr(URL, "quoted_uri")
# Older versions of Locust let an HTTPParseError of a request end the task.
_Incomplete: Final = HTTPParseError if HTTPParseError in FAILURE_EXCEPTIONS else HTTPConnectionClosed


_IN_THE_BODY: Final = "in the middle of the body"


class AgentSession(Protocol):
    """What the agent needs of the session that it belongs to."""

    received: dict[greenlet, _native.Response | Timeout]
    """What is there already of the engine's: an answer, or the limit that has ended the wait for it."""

    def send(self, method: str, url: str, options: dict[str, Any]) -> _native.Response:
        """One exchange over the engine."""


class UserAgent(LocustUserAgent):
    """Locust's user agent, whose connections are the engine's."""

    response_type = DecodedResponse
    session: AgentSession

    def _handle_error(self, e: BaseException, url: Any = None) -> BaseException:
        """An answer that has begun is not asked for again."""
        if _IN_THE_BODY in getattr(e, "__notes__", ()):
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
            received = self.session.send(request.method, url, {"composed_head": lines, "body": body})
        if received.error_kind == "UnknownEncoding":
            answer: Answer = UndecodedAnswer(received, head)
        elif received.status == 0:
            raise_for(received)
        else:
            answer = Answer(received, head)
        return self.response_type(answer, request=request, sent_request=head)  # type: ignore[arg-type]


def raise_for(response: _native.Response) -> NoReturn:
    """Raises what geventhttpclient would for an exchange that failed."""
    text = response.error or ""
    words = text.partition(": ")[2] or text
    match response.error_kind:
        case "Timeout" | "ConnectTimeout":
            raise TimeoutError("timed out")
        case "BodyTimeout":
            error = TimeoutError("timed out")
            error.add_note(_IN_THE_BODY)
            raise error
        case "NameResolutionError":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        case "RemoteDisconnected":
            raise HTTPConnectionClosed("connection closed.")
        case "IncompleteRead":
            raise _Incomplete("Incomplete response.")
        case "ContentDecodingError":
            raise decoding_error(words)
        case "SSLError":
            raise ssl.SSLError(1, words)
        case "ProtocolError" | "HeadersTooLarge" | "BodyTooLarge":
            raise HTTPParseError(words)
    raise os_error(text)
