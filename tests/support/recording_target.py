"""An HTTP server that writes down what it is asked, byte for byte, and answers by the path.

Standard library and threads only, so that nothing of what is tested is used to test it. Each connection is a thread;
`RecordingTarget.take()` hands out what came in since the last call.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import socket
import socketserver
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, unquote, urlsplit

CRLF = b"\r\n"


@dataclass
class SeenRequest:
    """One request as it came over the wire."""

    connection: int
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes
    seen_at: float = field(default_factory=time.monotonic, compare=False, repr=False)
    """When it was there whole, by time.monotonic()."""
    chunks: list[int] = field(default_factory=list)
    """Their sizes."""
    source: str = ""
    """The address that it came from."""
    address: str = ""
    """The one of ours that it came to."""

    def header(self, name: str) -> str | None:
        """The first header of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass
class Answer:
    """What is sent back: `raw` as it is, or else a status with headers and a body; then `pieces`, after pauses."""

    status: int = 200
    reason: str = "OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    raw: bytes | None = None
    length: bool = True
    close: bool = False
    pieces: list[tuple[float, bytes]] = field(default_factory=list)


Reply = Callable[[SeenRequest, dict[str, str]], Answer]
REPLIES: dict[str, Reply] = {}


def reply(*segments: str) -> Callable[[Reply], Reply]:
    """Registers an answer for all paths whose first segment is one of these."""

    def register(function: Reply) -> Reply:
        REPLIES.update(dict.fromkeys(segments, function))
        return function

    return register


def plain(text: str | bytes, **fields: str) -> Answer:
    body = text.encode() if isinstance(text, str) else text
    return Answer(headers=[("Content-Type", fields.get("type", "text/plain"))], body=body)


def last_number(request: SeenRequest, default: int = 200) -> int:
    found = re.match(r"/[^/]+/(\d+)", request.target)
    return int(found.group(1)) if found else default


@reply("hello")
def hello(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return plain("Hello, World! 0123456789012345678901234567890123456789")


@reply("status")
def status(request: SeenRequest, query: dict[str, str]) -> Answer:
    code = last_number(request)
    reasons = {200: "OK", 201: "Created", 400: "Bad Request", 404: "Not Found", 418: "I'm a teapot", 500: "Oh no"}
    body = b"" if code in (204, 304) else query.get("body", f"status {code}").encode()
    return Answer(code, query.get("reason", reasons.get(code, "Because")), [("Content-Type", "text/plain")], body)


@reply("json")
def json_document(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return plain('{"name": "katydid", "legs": 6, "songs": ["katy-did", "katy-didn\'t"]}', type="application/json")


@reply("text")
def text(_request: SeenRequest, query: dict[str, str]) -> Answer:
    charset = query.get("charset", "")
    kind = query.get("type", "text/html")
    body = "Grüße, žluťoučký".encode(query.get("encode", charset or "utf-8"), "replace")
    return plain(body, type=f"{kind}; charset={charset}" if charset else kind)


@reply("untyped")
def untyped(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(body="Grüße aus der Küche, schöne Äpfel und Öl".encode())


@reply("gzip")
def gzipped(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(headers=[("Content-Encoding", "gzip")], body=gzip.compress(b"squeezed " * 50, mtime=0))


@reply("deflate")
def deflated(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(headers=[("Content-Encoding", "deflate")], body=zlib.compress(b"flattened " * 50))


@reply("badgzip")
def bad_gzip(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(headers=[("Content-Encoding", "gzip")], body=b"this is no gzip at all")


@reply("encoded")
def encoded(_request: SeenRequest, query: dict[str, str]) -> Answer:
    return Answer(headers=[("Content-Encoding", query["as"])], body=b"as it is")


@reply("chunked")
def chunked(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    body = b"5\r\nfirst\r\n7;note=1\r\n second\r\n0\r\n\r\n"
    return Answer(headers=[("Transfer-Encoding", "chunked")], body=body, length=False)


@reply("events")
def events(request: SeenRequest, query: dict[str, str]) -> Answer:
    """So many events, each a chunk, after a pause each; compressed where it is asked for."""
    pieces = [f"data: event {number}\n\n".encode() for number in range(last_number(request, 3))]
    headers = [("Content-Type", query.get("type", "text/event-stream")), ("Transfer-Encoding", "chunked")]
    if "gzip" in query:
        headers.append(("Content-Encoding", "gzip"))
        squeezed = gzip.compress(b"".join(pieces), mtime=0)
        pieces = [squeezed[at : at + 20] for at in range(0, len(squeezed), 20)]
    chunks = [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces] + [b"0\r\n\r\n"]
    return Answer(headers=headers, length=False, pieces=[(float(query.get("pause", "0")), chunk) for chunk in chunks])


@reply("lines")
def lines(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return plain("one\ntwo\r\nthree\n\nlast")


@reply("bytes")
def some_bytes(request: SeenRequest, _query: dict[str, str]) -> Answer:
    size = last_number(request)
    return plain((b"0123456789abcdef" * (size // 16 + 1))[:size], type="application/octet-stream")


@reply("until-close")
def until_close(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(body=b"the end is the close", length=False, close=True)


@reply("goodbye")
def goodbye(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(headers=[("Connection", "close")], body=b"goodbye", close=True)


@reply("echo")
def echo(request: SeenRequest, _query: dict[str, str]) -> Answer:
    return plain(request.body, type=request.header("Content-Type") or "application/octet-stream")


@reply("many-headers")
def many_headers(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(
        headers=[
            ("X-One", "1"),
            ("x-two", "a"),
            ("X-Two", "b"),
            ("X-Padded", "  spaces"),
            ("X-Empty", ""),
            ("X-Latin", "caf\xe9"),
            ("Link", '</p2>; rel="next", </p9>; rel="last"'),
        ],
        body=b"headers",
    )


@reply("cookie")
def set_cookie(_request: SeenRequest, query: dict[str, str]) -> Answer:
    return Answer(headers=[("Set-Cookie", unquote(value)) for value in query.values()], body=b"cookie")


@reply("cookie-redirect")
def cookie_redirect(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(302, "Found", [("Set-Cookie", "onway=yes; Path=/"), ("Location", "/hello?after")], b"moved")


@reply("redirect")
def redirect(request: SeenRequest, query: dict[str, str]) -> Answer:
    code = last_number(request, 302)
    time.sleep(int(query.get("after", 0)) / 1000)
    to = query.get("to", "/hello")
    cookies = [("Set-Cookie", unquote(query["set"]))] if "set" in query else []
    return Answer(code, "Moved", [*cookies, ("Location", to)], b"this way")


@reply("hops")
def hops(request: SeenRequest, _query: dict[str, str]) -> Answer:
    left = last_number(request, 0)
    if left == 0:
        return plain("arrived")
    return Answer(302, "Found", [("Location", f"/hops/{left - 1}")], b"hop")


@reply("loop")
def loop(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(302, "Found", [("Location", "/loop")])


@reply("basic")
def basic(request: SeenRequest, _query: dict[str, str]) -> Answer:
    if request.header("Authorization"):
        return plain("welcome")
    return Answer(401, "Unauthorized", [("WWW-Authenticate", 'Basic realm="r"')], b"who are you")


@reply("digest")
def digest(request: SeenRequest, _query: dict[str, str]) -> Answer:
    sent = request.header("Authorization") or ""
    ha1 = hashlib.md5(b"ann:r:secret").hexdigest()
    ha2 = hashlib.md5(f"{request.method}:{request.target}".encode()).hexdigest()
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', sent))
    parts = [ha1, "n0nce", fields.get("nc", ""), fields.get("cnonce", ""), "auth", ha2]
    if sent and hashlib.md5(":".join(parts).encode()).hexdigest() == fields.get("response"):
        return plain("digested")
    return Answer(401, "Unauthorized", [("WWW-Authenticate", 'Digest realm="r", nonce="n0nce", qop="auth"')], b"digest")


@reply("delay")
def delay(request: SeenRequest, _query: dict[str, str]) -> Answer:
    time.sleep(last_number(request) / 1000)
    return plain("late")


@reply("drip")
def drip(request: SeenRequest, _query: dict[str, str]) -> Answer:
    pieces = last_number(request)
    return Answer(headers=[("Content-Length", str(pieces))], length=False, pieces=[(0.1, b"x")] * pieces)


@reply("stall")
def stall(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(headers=[("Content-Length", "10")], length=False, pieces=[(0, b"half"), (0.8, b"")], close=True)


BROKEN = {
    "close": b"",
    "truncated": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
    "half-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
    "nonsense": b"this is not HTTP\r\n\r\n",
}
"""What is sent before the connection closes."""


@reply(*BROKEN)
def broken(request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(raw=BROKEN[urlsplit(request.target).path.split("/")[1]], close=True)


ODD = {
    "line-feeds": b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    "length-in-a-list": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
    "length-twice": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    "folded": b"HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
}


@reply(*ODD)
def odd(request: SeenRequest, _query: dict[str, str]) -> Answer:
    name = urlsplit(request.target).path.split("/")[1]
    return Answer(raw=ODD[name], close=name == "length-in-a-list")  # for requests that is no length


@reply("continue")
def informational(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(raw=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone")


class RecordingTarget:
    """Listens on a port of 127.0.0.1, or of other addresses of this machine, until close()."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self._address = address
        self._seen: list[SeenRequest] = []
        self._lock = threading.Lock()
        self._connections = 0
        self._servers: list[_Server] = []
        self._listen(None)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._servers[0].server_address[1])

    @property
    def url(self) -> str:
        """Without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def listen_tls(self, context: ssl.SSLContext) -> int:
        """Listens for HTTPS on a further port, and returns that."""
        return self._listen(context)

    def _listen(self, tls: ssl.SSLContext | None) -> int:
        server = _Server((self._address, 0), _Connection)
        server.owner = self
        server.tls = tls
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return int(server.server_address[1])

    def take(self) -> list[SeenRequest]:
        """All that was asked since the last take(); counts connections anew."""
        with self._lock:
            seen, self._seen, self._connections = self._seen, [], 0
        return seen

    def wait_for(self, requests: int, seconds: float = 30) -> None:
        """Until it has been asked that often since the last take()."""
        end = time.monotonic() + seconds
        while len(self._seen) < requests:
            assert time.monotonic() < end, f"{len(self._seen)} of {requests} requests came within {seconds} s"
            time.sleep(0.05)

    def close(self) -> None:
        """Stops listening; open connections end with their peers."""
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def note(self, request: SeenRequest) -> None:
        """For the connections."""
        with self._lock:
            self._seen.append(request)

    def next_connection(self) -> int:
        """For the connections: counted from the last take(), in the order of their first requests."""
        with self._lock:
            self._connections += 1
            return self._connections


def running() -> Iterator[RecordingTarget]:
    """For fixtures: one that is closed at the end."""
    target = RecordingTarget()
    yield target
    target.close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 256
    daemon_threads = True
    owner: RecordingTarget
    tls: ssl.SSLContext | None

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.tls is not None:  # the handshake is for the connection's thread, which reads first
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address


class _Connection(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        number = 0
        try:
            while request := read_request(self.rfile):
                number = number or self.server.owner.next_connection()
                request.connection = number
                request.source = str(self.client_address[0])
                request.address = str(self.connection.getsockname()[0])
                self.server.owner.note(request)
                if request.method == "CONNECT":
                    self._tunnel(request)
                    break
                if not self._answer(request):
                    break
        except OSError:
            pass

    def _answer(self, request: SeenRequest) -> bool:
        parts = urlsplit(request.target)
        answer = REPLIES.get(parts.path.split("/")[1] if "/" in parts.path else "", _not_found)(
            request, dict(parse_qsl(parts.query, keep_blank_values=True))
        )
        self.wfile.write(answer.raw if answer.raw is not None else _encoded(answer, request.method))
        self.wfile.flush()
        for pause, piece in answer.pieces:
            time.sleep(pause)
            self.wfile.write(piece)
            self.wfile.flush()
        if answer.close:
            self.connection.shutdown(socket.SHUT_WR)
        return not answer.close

    def _tunnel(self, request: SeenRequest) -> None:
        """As a proxy does it, unless the name of the host says how to refuse."""
        host, _, port = request.target.rpartition(":")
        if host in REFUSALS:
            self.wfile.write(REFUSALS[host])
            return
        with socket.create_connection((host, int(port))) as onward:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pass_on, args=(onward, self.connection), daemon=True)
            back.start()
            _pass_on(self.connection, onward)
            back.join()


REFUSALS = {
    "wants-403.invalid": b"HTTP/1.1 403 Filtered\r\nContent-Length: 0\r\n\r\n",
    "wants-407.invalid": b"HTTP/1.1 407 Who Are You\r\nProxy-Authenticate: Basic realm=p\r\nContent-Length: 0\r\n\r\n",
    "wants-502.invalid": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\nnope",
    "wants-garbage.invalid": b"this is not HTTP\r\n\r\n",
    "wants-nothing.invalid": b"",
}
"""What a CONNECT to these hosts is answered before the connection closes."""


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        sink.close()


def _not_found(_request: SeenRequest, _query: dict[str, str]) -> Answer:
    return Answer(404, "Not Found", [("Content-Type", "text/plain")], b"no such page")


def _encoded(answer: Answer, method: str) -> bytes:
    head = [f"HTTP/1.1 {answer.status} {answer.reason}".encode()]
    head += [f"{name}: {value}".encode("latin-1") for name, value in answer.headers]
    if answer.length and answer.status not in (204, 304):
        head.append(b"Content-Length: %d" % len(answer.body))
    return CRLF.join(head) + CRLF + CRLF + (b"" if method == "HEAD" else answer.body)


def read_request(stream: BinaryIO) -> SeenRequest | None:
    """The next request of a connection; None at its end."""
    line = stream.readline()
    if not line.strip():
        return None
    method, target, _version = line.decode("latin-1").split(" ", 2)
    headers: list[tuple[str, str]] = []
    while (line := stream.readline().rstrip(b"\r\n")) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers.append((name, value.strip(" ")))
    request = SeenRequest(0, method, target, headers, b"")
    if "chunked" in (request.header("Transfer-Encoding") or ""):
        while size := int(stream.readline().split(b";")[0] or b"0", 16):
            request.body += stream.read(size)
            request.chunks.append(size)
            stream.readline()
        if not stream.readline():
            return None  # the client has broken off
    else:
        length = int(request.header("Content-Length") or 0)
        request.body = stream.read(length)
        if len(request.body) < length:
            return None
    return request
