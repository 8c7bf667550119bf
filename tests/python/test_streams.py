"""Bodies that tasks of asyncio's and Trio's read as they come."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Awaitable, Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import trio
from katydid import ResponseError, ServerSentEvent, _native, asyncio_backend, trio_backend

Work = Callable[[Any], Awaitable[None]]


class Slow(BaseHTTPRequestHandler):
    """Sends lines, one every 50 ms, and breaks off or hangs where the path says so."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in (b"one\n", b"two\r", b"\nthree"):
            time.sleep(0.05)
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        if self.path == "/hang":
            time.sleep(1)
        if self.path == "/broken":
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def slow() -> Any:
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Runs a function with a client, whose statistics are given back."""

    def run(work: Work, url: str, statistics: _native.Statistics | None = None, **settings: Any) -> None:
        async def main() -> None:
            backend: Any = asyncio_backend if request.param == "asyncio" else trio_backend
            client = backend.client_here(statistics, url, **settings)
            await work(client)
            assert client.in_flight == 0

        if request.param == "asyncio":
            asyncio.run(main())
        else:
            trio.run(main)

    return run


def counted(statistics: _native.Statistics) -> list[tuple[str, int, int, int]]:
    return [
        (each["name"], each["num_requests"], each["num_failures"], each["total_content_length"])
        for each in statistics.take()["stats"]
    ]


def test_lines_come_as_they_are_sent(run: Callable[..., None], slow: str) -> None:
    statistics = _native.Statistics("locust")
    times: list[float] = []
    lines: list[bytes] = []

    async def work(client: Any) -> None:
        begin = time.monotonic()
        async with client.get("/", stream=True) as response:
            assert response.ok
            assert response.body == b""
            assert time.monotonic() - begin < 0.04
            assert counted(statistics) == [("/", 1, 0, 0)]
            async for line in response.iter_lines():
                lines.append(line)
                times.append(time.monotonic() - begin)

    run(work, slow, statistics)
    assert lines == [b"one", b"two", b"three"]
    assert times[0] < 0.09
    assert times[1] < 0.14
    assert times[2] > 0.14
    assert counted(statistics) == []


def test_all_of_a_body(run: Callable[..., None], target: str) -> None:
    async def work(client: Any) -> None:
        for path in ("/bytes/0", "/bytes/3000000", "/gzip/100000", "/chunked/100000?chunk=10", "/redirect/2"):
            whole = await client.get(path)
            assert [each async for each in whole.iter_content()] == ([whole.body] if whole.body else [])
            response = await client.get(path, stream=True)
            assert await response.read() == whole.body
            assert await response.read() == b""
            response = await client.get(path, stream=True)
            pieces = [piece async for piece in response.iter_content(1000)]
            assert b"".join(pieces) == whole.body
            assert all(len(piece) <= 1000 for piece in pieces)

    run(work, target)


def test_pieces_of_no_size(run: Callable[..., None], target: str) -> None:
    async def work(client: Any) -> None:
        response = await client.get("/bytes/10", stream=True)
        with pytest.raises(ValueError, match="needs a size above 0, not 0"):
            await anext(response.iter_content(0))
        assert len(await response.read()) == 10

    run(work, target)


def test_a_body_that_ends_too_early(run: Callable[..., None], slow: str) -> None:
    statistics = _native.Statistics("locust")

    async def work(client: Any) -> None:
        response = await client.get("/broken", stream=True)
        lines = []

        async def read_lines() -> None:
            async for line in response.iter_lines():
                lines.append(line)

        with pytest.raises(ResponseError, match="IncompleteRead"):
            await read_lines()
        assert lines == [b"one", b"two", b"three"]
        assert response.ok
        with pytest.raises(ResponseError, match="IncompleteRead"):
            async with client.get("/broken", stream=True, catch_response=True, name="judged") as response:
                await response.read()

    run(work, slow, statistics)
    assert sorted(counted(statistics)) == [("/broken", 1, 0, 0), ("judged", 1, 1, 0)]


def test_a_time_limit(run: Callable[..., None], slow: str) -> None:
    async def work(client: Any) -> None:
        response = await client.get("/hang", stream=True, timeout=0.3)
        with pytest.raises(ResponseError, match="BodyTimeout: no more of the body within 300 ms"):
            await response.read()

    run(work, slow)


def test_a_time_limit_for_all_of_it(run: Callable[..., None], slow: str) -> None:
    async def work(client: Any) -> None:
        response = await client.get("/hang", stream=True, timeout=10, stream_timeout=0.2)
        with pytest.raises(ResponseError, match="BodyTimeout: the body did not end within 200 ms"):
            await response.read()

    run(work, slow)


def test_who_waits_can_be_cancelled(slow: str) -> None:
    async def on_asyncio() -> None:
        client: Any = asyncio_backend.client_here(None, slow)
        response = await client.get("/hang", stream=True)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(response.read(), 0.03)
        assert response.is_open
        assert [line async for line in response.iter_lines()][-1] == b"three"

    async def on_trio() -> None:
        client: Any = trio_backend.client_here(None, slow)
        response = await client.get("/hang", stream=True)
        with trio.move_on_after(0.03):
            await response.read()
        assert response.is_open
        assert [line async for line in response.iter_lines()][-1] == b"three"

    asyncio.run(on_asyncio())
    trio.run(on_trio)


def test_lines_are_an_asynchronous_iterator(run: Callable[..., None], slow: str) -> None:
    async def work(client: Any) -> None:
        lines = (await client.get("/", stream=True)).iter_lines()
        first, second = anext(lines), anext(lines)
        assert await second == b"one"  # the line goes to who awaits, when it awaits
        assert await first == b"two"
        with pytest.raises(RuntimeError, match="awaited already"):
            await first
        await lines.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(lines)
        whole = await client.get("/")
        assert [line async for line in whole.iter_lines()] == [b"one", b"two", b"three"]
        lost = anext((await client.get("/", stream=True)).iter_lines())
        del lost

    run(work, slow)


def test_who_waits_for_a_line_can_be_cancelled(slow: str) -> None:
    async def on_asyncio() -> None:
        client: Any = asyncio_backend.client_here(None, slow)
        lines = (await client.get("/", stream=True)).iter_lines()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(lines), 0.03)
        assert [line async for line in lines] == [b"one", b"two", b"three"]

    async def on_trio() -> None:
        client: Any = trio_backend.client_here(None, slow)
        lines = (await client.get("/", stream=True)).iter_lines()
        with trio.move_on_after(0.03):
            await anext(lines)
        assert [line async for line in lines] == [b"one", b"two", b"three"]

    asyncio.run(on_asyncio())
    trio.run(on_trio)


def test_one_reader_at_a_time(slow: str) -> None:
    async def main() -> None:
        client: Any = asyncio_backend.client_here(None, slow)
        response = await client.get("/", stream=True)
        results = await asyncio.gather(response.read(), response.read(), return_exceptions=True)
        assert [type(each) for each in results] == [bytes, RuntimeError]

    asyncio.run(main())


def test_a_stream_that_is_dropped_closes_its_connection(run: Callable[..., None], target: str) -> None:
    async def work(client: Any) -> None:
        for _ in range(20):
            async with client.get("/bytes/3000000", stream=True) as response:
                async for _piece in response.iter_content(10):
                    break
            response = await client.get("/bytes/3000000", stream=True)
            del response
        gc.collect()
        assert (await client.get("/hello")).ok

    run(work, target)


EVENTS = (
    b"\xef\xbb\xbf: hello\r\nretry: 10\r\nid: 1\r\ndata: gr\xc3\xbc\xc3\x9f\r\ndata: e\r\n\r\n"
    b'event: add\ndata: {"n": 2}\n\nevent: lost\n\rdata: \xff\r\rdata: unfinished\n'
)
READ = [
    ("message", "1", "grüß\ne", 10),
    ("add", "1", '{"n": 2}', 10),
    ("message", "1", "\N{REPLACEMENT CHARACTER}", 10),
]


class Telling(BaseHTTPRequestHandler):
    """Sends EVENTS in pieces of as many bytes as the path says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        size = int(self.path[1:])
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for begin in range(0, len(EVENTS), size):
            piece = EVENTS[begin : begin + size]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            time.sleep(0.001)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def telling() -> Any:
    with ThreadingHTTPServer(("127.0.0.1", 0), Telling) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_events_in_any_pieces(run: Callable[..., None], telling: str) -> None:
    async def work(client: Any) -> None:
        for size in (1, 2, 3, 7, 1000):
            async with client.get(f"/{size}", stream=True) as response:
                events = [event async for event in response.iter_events()]
            assert [(each.type, each.id, each.data, each.retry) for each in events] == READ
        whole = await client.get("/1000")
        assert [each.data async for each in whole.iter_events()] == [data for _, _, data, _ in READ]

    run(work, telling)


def test_an_event_is_an_object(run: Callable[..., None], telling: str) -> None:
    async def work(client: Any) -> None:
        response = await client.get("/1000", stream=True)
        events = response.iter_events()
        first, second = await anext(events), await anext(events)
        assert isinstance(second, ServerSentEvent)
        assert second.json() == {"n": 2}
        assert repr(second) == """<ServerSentEvent add '{"n": 2}'>"""
        with pytest.raises(ValueError, match="Expecting value"):
            first.json()
        with pytest.raises(TypeError, match="derived from ServerSentEvent"):
            _native.Items(response, int)  # type: ignore[type-var]
        await events.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(events)

    run(work, telling)


def test_events_of_a_body_that_ends_too_early(run: Callable[..., None]) -> None:
    data: list[str] = []

    async def work(client: Any) -> None:
        response = await client.get("/events", stream=True)

        async def read_events() -> None:
            async for event in response.iter_events():
                data.append(event.data)

        with pytest.raises(ResponseError, match="IncompleteRead"):
            await read_events()

    class Breaking(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ndata: one\n\ndata: two\n")
            self.close_connection = True

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Breaking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        run(work, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert data == ["one"]
