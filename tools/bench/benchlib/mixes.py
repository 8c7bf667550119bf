"""What the users do: a task with one call, or locustfiles of their own."""

import dataclasses
import pathlib

from benchlib.machine import ROOT

EVENT = "data: " + "a token of an answer that comes in pieces ".ljust(52, ".") + "\n\n"  # 60 bytes, which nginx takes as they are
TEXT = "a message that has thirty-two b."
MESSAGE = b"\x0a\x20" + TEXT.encode()  # of tools/bench/grpc/echo.proto
CALL = b"\x00" + len(MESSAGE).to_bytes(4, "big") + MESSAGE
PUT = '"title": "a document of some length", "pages": 12'


@dataclasses.dataclass(frozen=True)
class Mix:
    """`python` and `cpp` are what the task calls of its client. `locations` are nginx's, besides /hello."""

    python: str = ""
    cpp: str = ""
    locations: str = ""
    answers: int = 1  # of nginx, for each request that a user counts
    folder: pathlib.Path | None = None  # with the locustfiles, where one call is not enough
    sink: bool = False  # the target is not nginx, but tools/bench/sink.cpp
    version: str = ""  # http_version of the client, where it is not the usual one
    http2: bool = False  # what nginx speaks
    file: bytes = b""  # which nginx has as "answer"
    h2load: tuple[str, ...] = ("/hello",)  # after the URL of the host, and its options


MIXES = {
    "hello": Mix('get("/hello")', 'get("/hello")'),
    "realistic": Mix(
        locations="location / { default_type application/json; return 200 '{\"ok\": true, \"sizes\": [36, 38, 40]}'; }",
        folder=ROOT / "tools/bench/realistic",
    ),
    "cookies": Mix(
        'get("/cookies")',
        'get("/cookies")',
        """location = /cookies { add_header Set-Cookie "visit=$request_id; Path=/; HttpOnly";
      add_header Set-Cookie "language=en; Max-Age=3600"; return 200 "welcome"; }""",
    ),
    "redirects": Mix('get("/old")', 'get("/old")', "location = /old { return 302 /hello; }", answers=2),
    "puts": Mix(
        f'put("/documents/1", json={{{PUT}}})',
        'put("/documents/1", json{{"title", "a document of some length"}, {"pages", 12}})',
        "location = /documents/1 { return 200; }",
    ),
    "streams": Mix(
        locations=f"""location = /events {{ default_type text/event-stream; set $events "{EVENT * 50}";
      return 200 "$events$events$events$events"; }}""",
        folder=ROOT / "tools/bench/streams",
    ),
    "uploads": Mix(
        locations="location = /upload { client_max_body_size 2m; return 200; }",
        folder=ROOT / "tools/bench/uploads",
        file=b"x" * (1 << 20),
    ),
    "http2": Mix('get("/hello")', 'get("/hello")', version="2", http2=True, h2load=("/hello", "-m1")),
    "http2-streams": Mix(folder=ROOT / "tools/bench/http2", http2=True, h2load=("/hello", "-m100")),
    "grpc": Mix(
        # A file has no POST: so it is another one that answers, with the status behind it.
        locations="""location = /echo.Echo/Say { error_page 418 =200 /answer; return 418; }
    location = /answer { internal; types {} default_type application/grpc; alias answer; add_trailer grpc-status 0; }""",
        folder=ROOT / "tools/bench/grpc",
        http2=True,
        file=CALL,
        h2load=("/echo.Echo/Say", "-m1", "-d", "{directory}/answer", "-H", "content-type: application/grpc", "-H", "te: trailers"),
    ),
    "events": Mix(folder=ROOT / "tools/bench/events", sink=True),
    "websocket": Mix(folder=ROOT / "tools/bench/websocket", sink=True),
}
