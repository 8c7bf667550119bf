"""HTTPX over the engine: what it is asked for arrives, and what goes wrong is HTTPX's own exception."""

from __future__ import annotations

import asyncio
import http.server
import json
import pickle
import threading
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import trio
from katydid.httpx import AsyncTransport, Transport

Program = Callable[[], Awaitable[Any]]


def on_asyncio(program: Program) -> Any:
    return asyncio.run(program())  # type: ignore[arg-type]


def on_trio(program: Program) -> Any:
    return trio.run(program)


@pytest.fixture(params=[on_asyncio, on_trio])
def host(request: pytest.FixtureRequest) -> Any:
    return request.param


def client(target: str, **options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=AsyncTransport(), base_url=target, **options)


def test_requests_are_those_of_httpx_itself(host: Any, target: str) -> None:
    async def ask(transport: httpx.AsyncBaseTransport) -> list[Any]:
        async with httpx.AsyncClient(transport=transport, base_url=target, headers={"X-Mine": "yes"}) as client:
            answers = [
                await client.get("/echo", params={"a": ["1", "2 3"]}),
                await client.post("/echo", json={"k": [1, None]}),
                await client.post("/echo", data={"f": "x y"}, cookies={"c": "d"}),
                await client.put("/echo", content=b"\x00\x01", auth=("ann", "secret")),
                await client.request("DELETE", "/echo"),
                await client.post("/echo"),
                await client.get("/redirect/2", follow_redirects=True),
                await client.get("/gzip/1000"),
                await client.get("/status/418"),
            ]
            return [_seen(answer, target) for answer in answers]

    ours = host(lambda: ask(AsyncTransport()))
    theirs = host(lambda: ask(httpx.AsyncHTTPTransport()))
    assert ours == theirs


def _seen(answer: httpx.Response, target: str) -> Any:
    seen: list[Any] = [answer.status_code, answer.reason_phrase, str(answer.url).removeprefix(target)]
    seen += [answer.http_version, [hop.status_code for hop in answer.history]]
    if answer.url.path == "/echo":
        echo = json.loads(answer.content)
        headers = sorted((name.lower(), value) for name, value in echo["headers"])
        return [*seen, echo["method"], echo["target"], echo.get("body"), headers]
    return [*seen, answer.content, answer.headers.get("content-type")]


def test_an_encoding_that_nobody_knows_leaves_the_body_as_it_is(host: Any) -> None:
    class Odd(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Encoding", self.path[1:])
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    async def ask(transport: httpx.AsyncBaseTransport) -> list[Any]:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        async with httpx.AsyncClient(transport=transport, base_url=url) as client:
            answers = [await client.get(f"/{name}") for name in ("none", "UTF-8", "aws-chunked")]
            return [(each.status_code, each.content, each.headers["Content-Encoding"]) for each in answers]

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ours = host(lambda: ask(AsyncTransport()))
        theirs = host(lambda: ask(httpx.AsyncHTTPTransport()))
        server.shutdown()
    assert ours == theirs
    assert [answer[1] for answer in ours] == [b"ok"] * 3


def test_cookies_are_the_clients(host: Any, target: str) -> None:
    async def ask() -> Any:
        async with client(target) as session:
            await session.get("/cookies/set?a=1&Path=/")
            assert dict(session.cookies) == {"a": "1"}
            return (await session.get("/cookies")).json()

    assert host(ask) == {"cookies": [["a", "1"]]}


def test_bodies_stream(host: Any, target: str) -> None:
    async def parts() -> Any:
        yield b"one "
        yield b"two"

    async def ask() -> Any:
        async with client(target) as session:
            sent = await session.post("/echo", content=parts())
            async with session.stream("GET", "/bytes/100000") as answer:
                received = [len(chunk) async for chunk in answer.aiter_bytes(30000)]
            return sent.json()["body"], received

    assert host(ask) == ("one two", [30000, 30000, 30000, 10000])


def test_responses_are_like_those_with_content(host: Any, target: str) -> None:
    async def ask() -> list[httpx.Response]:
        async with client(target) as session:
            return [
                await session.get(path) for path in ("/hello", "/gzip/100", "/chunked/100", "/status/204", "/hello")
            ]

    for answer in host(ask):
        made = httpx.Response(answer.status_code, content=answer.content, headers=answer.headers)
        for each in (answer, pickle.loads(pickle.dumps(answer))):
            assert each.headers == made.headers
            for name in ("content", "text", "encoding", "is_closed", "is_stream_consumed", "num_bytes_downloaded"):
                assert getattr(each, name) == getattr(made, name), name
        assert answer.elapsed > timedelta(0)
        with pytest.raises(httpx.StreamConsumed):
            list(answer.iter_raw())
        assert b"".join(answer.iter_bytes(7)) == made.content
        answer.headers["X-Own"] = "is not the next answer's"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/", httpx.ConnectError),
        ("http://no.such.host.invalid/", httpx.ConnectError),
        ("/hang", httpx.ReadTimeout),
        ("/close/before", httpx.RemoteProtocolError),
        ("/malformed/bad-status-line", httpx.RemoteProtocolError),
    ],
)
def test_what_goes_wrong_is_httpx_own_exception(host: Any, target: str, url: str, error: type[Exception]) -> None:
    async def ask() -> None:
        async with client(target, timeout=httpx.Timeout(0.3, connect=5, write=0)) as session:
            with pytest.raises(error):
                await session.get(url)

    host(ask)


def test_a_limit_for_reading_is_for_each_piece_of_the_answer(host: Any, target: str) -> None:
    async def ask() -> None:
        async with client(target, timeout=1) as session:
            begin = time.monotonic()
            with pytest.raises(httpx.ReadTimeout):
                await session.get("/hang")
            assert 0.9 < time.monotonic() - begin < 2.5
            trickled = await session.get("/slow-body?bytes=12&chunk=1&interval_ms=100")
            assert len(trickled.content) == 12

    host(ask)


def test_many_at_once_and_cancelled(host: Any, target: str) -> None:
    async def many() -> None:
        async with client(target) as session:
            if host is on_asyncio:
                answers = await asyncio.gather(*(session.get("/hello") for _ in range(50)))
                assert all(answer.status_code == 200 for answer in answers)
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await session.get("/hang")
            else:
                async with trio.open_nursery() as nursery:
                    for _ in range(50):
                        nursery.start_soon(session.get, "/hello")
                with trio.move_on_after(0.05) as scope:
                    await session.get("/hang")
                assert scope.cancelled_caught
            assert (await session.get("/hello")).status_code == 200

    host(many)


def test_the_client_that_blocks(target: str) -> None:
    with httpx.Client(transport=Transport(), base_url=target) as session:
        assert session.get("/hello").status_code == 200
        assert session.post("/echo", json=[1]).json()["body"] == "[1]"
        assert session.get("/gzip/10").content == httpx.get(f"{target}/gzip/10").content
        with pytest.raises(httpx.ReadTimeout):
            session.get("/hang", timeout=0.2)
        assert session.get("/hello").status_code == 200
