"""A server that answers at once, but for a second in five, in which whatever comes waits for its end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PERIOD, STALL = 5.0, 1.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class StallingServer:
    """The first period begins with the first request."""

    def __init__(self) -> None:
        self.requests = 0
        self.port = 0
        self._begin: float | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                self.requests += 1
                if self._begin is None:
                    self._begin = loop.time()
                into = (loop.time() - self._begin) % PERIOD
                if into >= PERIOD - STALL:
                    await asyncio.sleep(PERIOD - into)
                writer.write(_ANSWER)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@contextmanager
def running() -> Iterator[StallingServer]:
    server, loop, ready = StallingServer(), asyncio.new_event_loop(), threading.Event()

    async def listen() -> None:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=1000)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(listen())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
