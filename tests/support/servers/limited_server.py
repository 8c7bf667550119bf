"""A server that serves so many requests a second and refuses the others: a token bucket."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import tiny_server

BURST = 0.1
"""Seconds' worth of requests that may come at once."""
_SERVED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_REFUSED = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno"


class LimitedServer:
    def __init__(self, rate: float) -> None:
        self.requests = 0
        self.port = 0
        self._rate = rate
        self._tokens = rate * BURST
        self._counted = time.monotonic()

    async def answer(self) -> bytes:
        self.requests += 1
        now = time.monotonic()
        self._tokens = min(self._rate * BURST, self._tokens + (now - self._counted) * self._rate)
        self._counted = now
        if self._tokens < 1:
            return _REFUSED
        self._tokens -= 1
        return _SERVED


@contextmanager
def running(rate: float) -> Iterator[LimitedServer]:
    server = LimitedServer(rate)
    with tiny_server.running(server.answer) as server.port:
        yield server
