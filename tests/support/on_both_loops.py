"""Coroutines that the tests run on asyncio and on Trio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
from katydid import _native, asyncio_backend, trio_backend

Body = Callable[[Callable[..., Any]], Awaitable[None]]


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[[Body], list[dict[str, Any]]]:
    """Runs a body with a function that makes clients; returns the entries of what was counted."""

    def run(body: Body) -> list[dict[str, Any]]:
        statistics = _native.Statistics()

        async def main() -> None:
            backend: Any = asyncio_backend if request.param == "asyncio" else trio_backend
            await body(lambda url, **settings: backend.client_here(statistics, url, **settings))

        if request.param == "asyncio":
            asyncio.run(main())
        else:
            trio.run(main)
        entries: list[dict[str, Any]] = statistics.take()["stats"]
        return entries

    return run
