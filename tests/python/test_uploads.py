"""Bodies that are read while they are sent, on asyncio and Trio."""

from __future__ import annotations

import asyncio
import io
import pathlib
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import anyio
import pytest
from certificates import Certificates
from katydid import ResponseError
from on_both_loops import run
from recording_target import RecordingTarget, SeenRequest, running

__all__ = ["run"]  # a fixture

Make = Callable[..., Any]
PIECE = b"0123456789abcdef" * 1024


@pytest.fixture
def target() -> Iterator[RecordingTarget]:
    """In the place of the usual one: it keeps what it is sent."""
    yield from running()


def generated(*pieces: Any) -> Iterator[Any]:
    yield from pieces


async def awaited(*pieces: Any) -> AsyncIterator[Any]:
    for piece in pieces:
        await anyio.sleep(0.001)
        yield piece


def framing(request: SeenRequest) -> tuple[str | None, str | None]:
    return request.header("Content-Length"), request.header("Transfer-Encoding")


@pytest.mark.parametrize("iterator", [generated, awaited])
def test_an_iterator_is_sent_in_chunks(run: Any, target: RecordingTarget, iterator: Callable[..., Any]) -> None:
    async def body(make: Make) -> None:
        client = make(target.url)
        for pieces in (("grüße, ", b"", bytearray(b"bytes")), (), [PIECE] * 40):
            response = await client.post("/echo", data=iterator(*pieces), headers={"Content-Type": "a/b"})
            assert (response.status, response.error) == (200, None)

    (entry,) = run(body)
    assert (entry["num_requests"], entry["num_failures"]) == (3, 0)
    seen = target.take()
    assert [each.body for each in seen] == ["grüße, bytes".encode(), b"", PIECE * 40]
    assert {framing(each) for each in seen} == {(None, "chunked")}
    assert {(each.header("Content-Type"), each.connection) for each in seen} == {("a/b", 1)}
    assert seen[2].chunks == [len(PIECE)] * 40


def test_a_file_is_sent_with_its_size_from_where_it_stands(
    run: Any, target: RecordingTarget, tmp_path: pathlib.Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"skipped" + PIECE * 20)

    async def body(make: Make) -> None:
        client = make(target.url)
        with path.open("rb") as file:
            file.read(7)
            await client.put("/echo", data=file)
        await client.post("/echo", data=io.BytesIO(b""))
        await client.post("/echo", data=io.StringIO("grüße"))

    run(body)
    file, empty, text = target.take()
    assert (file.body, framing(file)) == (PIECE * 20, (str(len(PIECE) * 20), None))
    assert (empty.body, framing(empty)) == (b"", ("0", None))
    assert (text.body, framing(text)) == ("grüße".encode(), (None, "chunked"))


def test_what_is_raised_is_the_error_of_the_request(run: Any, target: RecordingTarget) -> None:
    def raising() -> Iterator[bytes]:
        yield b"begun"
        raise ValueError("out of ink")

    async def raising_later() -> AsyncIterator[bytes]:
        yield b"begun"
        raise ValueError("out of ink")

    class Shrunk(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return b""

    async def body(make: Make) -> None:
        client = make(target.url)
        for data in (raising(), raising_later()):
            response = await client.post("/echo", data=data)
            assert (response.status, response.error) == (0, "BodyError: ValueError('out of ink')")
        with pytest.raises(ResponseError, match="out of ink"):
            (await client.post("/echo", data=raising())).raise_for_status()
        response = await client.post("/echo", data=generated(5))
        assert response.error == "BodyError: a piece of a body must be str or bytes, not int"
        response = await client.post("/echo", data=awaited(5))
        assert "a piece of a body must be str or bytes, not int" in response.error
        response = await client.post("/echo", data=Shrunk(b"12345"))
        assert response.error == "BodyError: the body ended after 0 of 5 bytes"
        assert (await client.get("/hello")).status == 200
        with pytest.raises(TypeError, match="data must be bytes, str, the fields of a form, an open file or an iterat"):
            await client.post("/echo", data=5)
        assert client.in_flight == 0

    entries = {entry["method"]: entry for entry in run(body)}
    assert (entries["POST"]["num_requests"], entries["POST"]["num_failures"]) == (6, 6)
    assert [each.target for each in target.take()] == ["/hello"]


def test_a_redirect_reads_a_file_again_and_nothing_else(run: Any, target: RecordingTarget) -> None:
    async def body(make: Make) -> None:
        client = make(target.url)
        assert (await client.post("/redirect/307?to=/echo", data=io.BytesIO(b"twice"))).body == b"twice"
        for once in (generated(b"once"), awaited(b"once")):
            response = await client.post("/redirect/308?to=/echo", data=once)
            assert response.error == "BodyError: a redirect asks for the body again, which can't be read a second time"
        assert (await client.post("/redirect/303", data=awaited(b"once"))).status == 200

    run(body)
    assert [(each.method, each.body) for each in target.take()] == [
        ("POST", b"twice"),
        ("POST", b"twice"),
        ("POST", b"once"),
        ("POST", b"once"),
        ("POST", b"once"),
        ("GET", b""),
    ]


def test_blocks_and_streams(run: Any, target: RecordingTarget) -> None:
    async def body(make: Make) -> None:
        client = make(target.url)
        for data in (generated(b"a", b"b"), awaited(b"a", b"b")):
            async with client.post("/echo", data=data, name="echo", catch_response=True) as response:
                response.failure(response.body.decode())
        for data in (generated(b"a", b"b"), awaited(b"a", b"b")):
            async with client.post("/echo", data=data, name="echo", stream=True) as response:
                assert await response.read() == b"ab"

    (entry,) = run(body)
    assert (entry["name"], entry["num_requests"], entry["num_failures"]) == ("echo", 4, 2)


def test_over_tls(run: Any, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    site = f"https://127.0.0.1:{target.listen_tls(Certificates(tmp_path / 'certificates').server())}"

    async def body(make: Make) -> None:
        client = make(site, verify=False)
        for data in (generated(*[PIECE] * 60), awaited(*[PIECE] * 60), io.BytesIO(PIECE * 60)):
            assert (await client.post("/hello", data=data)).status == 200

    run(body)
    assert [len(each.body) for each in target.take()] == [len(PIECE) * 60] * 3


def test_a_request_that_is_cancelled_is_cut_off(run: Any, target: RecordingTarget) -> None:
    closed = threading.Event()

    async def slowly() -> AsyncIterator[bytes]:
        try:
            yield b"begun"
            await anyio.sleep(30)
        finally:
            closed.set()

    async def body(make: Make) -> None:
        client = make(target.url)
        with anyio.move_on_after(0.2):
            await client.post("/echo", data=slowly())
        assert client.in_flight == 0

    assert run(body) == []
    assert closed.is_set()
    assert target.take() == []


def test_several_at_once_on_asyncio(target: RecordingTarget) -> None:
    from katydid import _native, asyncio_backend

    async def main() -> None:
        client = asyncio_backend.client_here(_native.Statistics(), target.url)
        requests = [client.post("/echo", data=awaited(str(number), "!")) for number in range(20)]
        requests += [client.post("/echo", data=generated(str(number), "?")) for number in range(20)]
        answers = await asyncio.gather(*requests)
        assert [each.body.decode() for each in answers] == [f"{n}!" for n in range(20)] + [f"{n}?" for n in range(20)]

    asyncio.run(main())


def test_no_more_is_made_than_is_sent(run: Any) -> None:
    """To a server that reads nothing: what the kernel takes, and little more."""
    made = 0

    def many() -> Iterator[bytes]:
        nonlocal made
        for _ in range(4_000):
            made += 1
            yield PIECE

    async def many_later() -> AsyncIterator[bytes]:
        for piece in many():
            yield piece

    async def body(make: Make) -> None:
        with socket.create_server(("127.0.0.1", 0)) as deaf:
            client = make(f"http://127.0.0.1:{deaf.getsockname()[1]}", timeout=0.5)
            for data in (many(), many_later()):
                response = await client.post("/echo", data=data)
                assert response.error == "Timeout: no complete answer within 500 ms"

    run(body)
    assert 2 < made < 2_000
