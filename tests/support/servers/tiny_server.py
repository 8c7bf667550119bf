"""An HTTP/1.1 server on a thread of its own, which answers as its owner says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager


@contextmanager
def running(answer: Callable[[], Awaitable[bytes]]) -> Iterator[int]:
    """The port. `answer` is awaited with each request, and gives all that is sent."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    port = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(await answer())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def listen() -> None:
        nonlocal port
        listening = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1000)
        port = listening.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(listen())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
