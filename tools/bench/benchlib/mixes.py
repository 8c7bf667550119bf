"""What the users do: a task with one call, or locustfiles of their own."""

import dataclasses
import pathlib

from benchlib.machine import ROOT

EVENT = "data: " + "a token of an answer that comes in pieces ".ljust(52, ".") + "\n\n"  # 60 bytes, which nginx takes as they are
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
    "websocket": Mix(folder=ROOT / "tools/bench/websocket", sink=True),
}
