"""A server that answers at once, but for a second in five, in which whatever comes waits for its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import tiny_server

PERIOD, STALL = 5.0, 1.0
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class StallingServer:
    """The first period begins with the first request."""

    def __init__(self) -> None:
        self.requests = 0
        self.port = 0
        self._begin: float | None = None

    async def answer(self) -> bytes:
        loop = asyncio.get_running_loop()
        self.requests += 1
        if self._begin is None:
            self._begin = loop.time()
        into = (loop.time() - self._begin) % PERIOD
        if into >= PERIOD - STALL:
            await asyncio.sleep(PERIOD - into)
        return _ANSWER


@contextmanager
def running() -> Iterator[StallingServer]:
    server = StallingServer()
    with tiny_server.running(server.answer) as server.port:
        yield server
