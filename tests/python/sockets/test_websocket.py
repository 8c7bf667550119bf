"""WebSockets of tasks of asyncio's and Trio's, against Python's `websockets` and aiohttp."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
import websocket_server
from katydid import WebSocketError
from katydid.websocket import PendingWebSocket
from on_both_loops import run as run

Run = Callable[[Callable[[Callable[..., Any]], Awaitable[None]]], list[dict[str, Any]]]


@pytest.fixture(scope="module", params=["websockets", "aiohttp"])
def server(request: pytest.FixtureRequest) -> Iterator[websocket_server.Server]:
    with websocket_server.running(request.param) as server:
        yield server


def opened(client: Any, url: str, **options: Any) -> PendingWebSocket:
    return PendingWebSocket(client, url, options)


def names(entries: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {f"{each['method']} {each['name']}": (each["num_requests"], each["num_failures"]) for each in entries}


def test_messages_go_come_and_are_answered(run: Run, server: websocket_server.Server) -> None:
    before = server.settled()

    async def body(make: Callable[..., Any]) -> None:
        client = make(server.url.replace("http", "ws"))
        async with opened(client, "/chat", name="chat") as socket:
            assert socket.is_open
            assert await socket.ask("héllo", name="hello") == "héllo"
            assert await socket.ask(b"\xff\xfe") == b"\xff\xfe"
            assert await socket.ask(bytearray(b"more")) == b"more"
            await socket.send("one")
            await socket.send("x" * 300_000, "large")
            assert await socket.receive() == "one"
            assert await socket.receive() == "x" * 300_000
            await socket.ping()
        assert not socket.is_open
        assert socket.close_code == 1000
        assert await socket.receive() is None
        assert client.in_flight == 0

    entries = run(body)
    assert names(entries) == {
        "WS chat": (1, 0),
        "WSC hello": (1, 0),
        "WSC chat": (2, 0),
        "WSS chat": (1, 0),
        "WSS large": (1, 0),
        "WSR chat": (2, 0),
        "WS chat ping": (1, 0),
        "WS chat close 1000": (1, 0),
    }
    after = server.settled()
    assert after["received"] - before["received"] == after["sent"] - before["sent"] == 5
    assert after["close 1000"] == before["close 1000"] + 1


def test_what_is_pushed_comes_to_the_end(run: Run, server: websocket_server.Server) -> None:
    async def body(make: Callable[..., Any]) -> None:
        headlines = []
        socket = await opened(make(server.url), "/news", subprotocols=["news.v2", "news.v1"], compression=True)
        assert socket.subprotocol in ("news.v1", "news.v2")
        await socket.send("subscribe")
        async for message in socket:
            headlines.append(message)
            if message == "bye":
                await socket.close(4001, "thanks")
        assert headlines == ["one", "two", "three", "bye"]
        assert socket.close_code in (4001, 1000), "aiohttp answers any close with 1000"

    assert names(run(body))["WSR /news"] == (4, 0)
    assert server.settled()["close 4001"] >= 1


def test_a_refusal_says_why(run: Run, server: websocket_server.Server) -> None:
    async def body(make: Callable[..., Any]) -> None:
        with pytest.raises(WebSocketError, match=r"HandshakeRefused: 403 Forbidden \(127") as refused:
            await opened(make(server.url), "/forbidden")
        assert refused.value.status == 403
        assert refused.value.body.startswith(b"not you")

    assert names(run(body)) == {"WS /forbidden": (1, 1)}


def test_limits_of_time_and_size(run: Run, server: websocket_server.Server) -> None:
    async def body(make: Callable[..., Any]) -> None:
        client = make(server.url)
        socket = await opened(client, "/silent", timeout=0.05)
        with pytest.raises(WebSocketError, match="Timeout: no message within 30 ms"):
            await socket.receive(0.03)
        with pytest.raises(WebSocketError, match="Timeout: no answer within 50 ms"):
            await socket.ask("anybody there?")
        socket = await opened(client, "/chat", max_message=100)
        with pytest.raises(WebSocketError, match="MessageTooBig: a message is longer than 100 bytes"):
            await socket.ask("x" * 101)

    counted = names(run(body))
    assert counted["WSC /silent"] == counted["WSC /chat"] == (1, 1)
    assert counted["WS /chat close 1006"] == (1, 1)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"subprotocols": ["1", "2", "3", "4", "5"]}, ValueError),
        ({"timeout": -1}, ValueError),
        ({"headers": 5}, TypeError),
        ({"nonsense": 5}, TypeError),
    ],
)
def test_what_cannot_be_asked_for(run: Run, options: dict[str, Any], error: type[Exception]) -> None:
    async def body(make: Callable[..., Any]) -> None:
        with pytest.raises(error):
            opened(make("ws://host.invalid"), "/", **options)

    run(body)


def test_what_is_given_up_is_cut_off(run: Run, server: websocket_server.Server) -> None:
    async def body(make: Callable[..., Any]) -> None:
        client = make(server.url)
        socket = await opened(client, "/silent")
        operation = socket._native.ask("never answered")
        assert client.in_flight == 1
        del operation
        assert client.in_flight == 0
        assert not socket.is_open

    assert names(run(body)) == {"WS /silent": (1, 0)}
