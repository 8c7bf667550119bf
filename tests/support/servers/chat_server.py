"""A language model's API with known delays, as an application for uvicorn; and what starts that.

`python -m uvicorn chat_server:app` in this folder. GET /counts has what it did, by its own clock.
"""

from __future__ import annotations

import asyncio
import json
import pathlib
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import server_process
from ports import free_port

HEAD, FIRST_TOKEN, GAP = 0.03, 0.05, 0.01
"""Seconds from the request to the head of the answer, from that to the first token, and from token to token."""
TOKENS = 20

counts: dict[str, float] = {"answers": 0, "tokens": 0, "connections": 0, "head": 0, "first": 0, "gaps": 0, "rates": 0}
"""The last four are sums: of the times in seconds, and of each answer's tokens a second."""
clients: set[Any] = set()


def event(value: Any) -> bytes:
    return b"data: " + (value if isinstance(value, bytes) else json.dumps(value).encode()) + b"\n\n"


def chunk(**delta: str) -> bytes:
    return event({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


async def body_of(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def respond(send: Any, body: bytes, kind: bytes = b"application/json", status: int = 200) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body})


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    begin = time.perf_counter()
    clients.add(tuple(scope["client"]))
    counts["connections"] = len(clients)
    question = await body_of(receive)
    if scope["path"] == "/counts":
        await respond(send, json.dumps(counts).encode())
        return
    if scope["path"] != "/v1/chat/completions" or not json.loads(question)["stream"]:
        await respond(send, b"{}", status=404)
        return
    await asyncio.sleep(HEAD)
    head = time.perf_counter()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
    await asyncio.sleep(FIRST_TOKEN)
    times = [time.perf_counter()]
    # The role comes in a chunk of its own, beside the first token, as comments do that keep a connection alive.
    first = b": keep-alive\n\n" + chunk(role="assistant", content="") + chunk(content="Once")
    await send({"type": "http.response.body", "body": first, "more_body": True})
    for i in range(1, TOKENS):
        await asyncio.sleep(GAP)
        times.append(time.perf_counter())
        await send({"type": "http.response.body", "body": chunk(content=f" word {i}"), "more_body": True})
    await send({"type": "http.response.body", "body": event(b"[DONE]")})
    counts["answers"] += 1
    counts["tokens"] += TOKENS
    counts["head"] += head - begin
    counts["first"] += times[0] - begin
    counts["gaps"] += times[-1] - times[0]
    counts["rates"] += (TOKENS - 1) / (times[-1] - times[0])


class ChatServer:
    def __init__(self, url: str) -> None:
        self.url = url

    def counts(self) -> dict[str, float]:
        with urllib.request.urlopen(f"{self.url}/counts", timeout=5) as answer:
            found: dict[str, float] = json.load(answer)
        return found

    def check(self, entries: list[dict[str, Any]]) -> None:
        """What a master has at the end of a test whose users could finish, against what this server did."""
        there = self.counts()
        answers, tokens = int(there["answers"]), int(there["tokens"])
        by_name = {entry["name"]: entry for entry in entries if entry["num_requests"]}
        assert answers > 30
        assert {name: entry["num_requests"] for name, entry in by_name.items()} == {
            "chat": answers,
            "first token": answers,
            "gap between tokens": tokens - answers,
            "tokens a second": answers,
        }
        # Until the server looks at a request, and until its user is back on a core, it may take some milliseconds, and
        # more where other tests run beside this one.
        for name, expected, least, within in (
            ("chat", there["head"] / answers, HEAD, 20),
            ("first token", there["first"] / answers, HEAD + FIRST_TOKEN, 20),
            ("gap between tokens", there["gaps"] / (tokens - answers), GAP, 2),
        ):
            found = by_name[name]["avg_response_time"]
            assert 1000 * least - 1 < found, name
            assert abs(found - 1000 * expected) < within, f"{name}: {found} ms, and {1000 * expected} ms at the server"
        rate = by_name["tokens a second"]["avg_response_time"]
        assert abs(rate / (there["rates"] / answers) - 1) < 0.15


@contextmanager
def running() -> Iterator[ChatServer]:
    """By uvicorn, until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "chat_server:app", "--port", str(port), "--log-level", "warning"]
    server = ChatServer(f"http://127.0.0.1:{port}")
    with server_process.running(command, server.counts, cwd=pathlib.Path(__file__).parent):
        yield server
