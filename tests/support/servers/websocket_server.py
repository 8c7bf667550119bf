"""WebSocket servers that count what they do: Python's `websockets`, and aiohttp's.

`python websocket_server.py websockets|aiohttp PORT`. GET /counts has what it did: connections, messages that were
received and sent, and the codes of the closes that came.
/chat echoes, /slow does so after a moment, /silent does not answer, /news sends three headlines to who subscribes.
"""

from __future__ import annotations

import asyncio
import collections
import http
import json
import pathlib
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import server_process
from ports import free_port

Send = Callable[[Any], Awaitable[None]]
SUBPROTOCOLS = ["news.v1", "news.v2"]
counts: dict[str, int] = collections.Counter()


async def serve(path: str, messages: AsyncIterator[Any], send: Send) -> None:
    """The life of one connection."""

    async def answer(message: Any) -> None:
        await send(message)
        counts["sent"] += 1

    counts["connections"] += 1
    async for message in messages:
        counts["received"] += 1
        if path == "/news" and message == "subscribe":
            for headline in ("one", "two", "three", "bye"):
                await answer(headline)
        elif path == "/slow":
            await asyncio.sleep(0.05)
            await answer(message)
        elif path != "/silent":
            await answer(message)


async def main_websockets(port: int) -> None:
    from websockets.asyncio.server import serve as listen

    def process_request(connection: Any, request: Any) -> Any:
        if request.path == "/counts":
            return connection.respond(http.HTTPStatus.OK, json.dumps(counts))
        if request.path == "/forbidden":
            return connection.respond(http.HTTPStatus.FORBIDDEN, "not you")
        return None

    async def handler(socket: Any) -> None:
        try:
            await serve(socket.request.path.partition("?")[0], socket, socket.send)
        finally:
            await socket.wait_closed()
            received = socket.protocol.close_rcvd
            counts[f"close {received.code if received else 1006}"] += 1

    def select_subprotocol(_: Any, offered: Any) -> Any:  # else who offers none is refused
        return next((each for each in offered if each in SUBPROTOCOLS), None)

    async with listen(
        handler,
        "127.0.0.1",
        port,
        process_request=process_request,
        select_subprotocol=select_subprotocol,
        subprotocols=SUBPROTOCOLS,
        max_size=None,
    ):
        await asyncio.get_running_loop().create_future()


async def main_aiohttp(port: int) -> None:
    from aiohttp import WSMsgType, web

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/counts":
            return web.json_response(dict(counts))
        if request.path == "/forbidden":
            return web.Response(status=403, text="not you")
        socket = web.WebSocketResponse(protocols=SUBPROTOCOLS, max_msg_size=0)
        await socket.prepare(request)

        async def messages() -> AsyncIterator[Any]:
            async for message in socket:
                yield message.data

        async def send(message: Any) -> None:
            await (socket.send_str(message) if isinstance(message, str) else socket.send_bytes(message))

        assert WSMsgType.TEXT
        await serve(request.path, messages(), send)
        counts[f"close {socket.close_code}"] += 1
        return socket

    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.get_running_loop().create_future()


class Server:
    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def counts(self) -> dict[str, int]:
        with urllib.request.urlopen(f"{self.url}/counts", timeout=5) as answer:
            return collections.Counter(json.loads(answer.read()))

    def settled(self) -> dict[str, int]:
        """Once nothing happens any more."""
        last, same = self.counts(), 0
        while same < 5:
            time.sleep(0.1)
            now = self.counts()
            same = same + 1 if now == last else 0
            last = now
        return last

    def check(self, entries: list[dict[str, Any]]) -> None:
        """What a master has of examples/websocket.cpp, or its twin, whose users could finish."""
        there = self.settled()
        print("server:", dict(there))
        found = {f"{each['method']} {each['name']}": each["num_requests"] for each in entries if each["num_requests"]}
        assert found["WSC hello"] + found["WSS /news"] == there["received"] > 50
        assert found["WSC hello"] + found["WSR /news"] == there["sent"]
        assert found["WS /chat"] + found["WS /news"] == there["connections"]
        assert found["WS /chat close 1000"] + found["WS /news close 1000"] == there["close 1000"]
        assert found["WS /news close 1000"] == found["WS /news"] > 5
        # Who is told to stop in the middle of a talk goes away.
        assert there["connections"] - there["close 1000"] == there["close 1001"] <= 8


@contextmanager
def running(kind: str) -> Iterator[Server]:
    port = free_port()
    server = Server(port)
    with server_process.running([sys.executable, pathlib.Path(__file__), kind, port], server.counts):
        yield server


if __name__ == "__main__":
    asyncio.run({"websockets": main_websockets, "aiohttp": main_aiohttp}[sys.argv[1]](int(sys.argv[2])))
