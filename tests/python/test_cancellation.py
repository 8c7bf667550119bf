"""Users that are stopped in the middle of a request, thousands of times: no leak, no crash, no hang."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
import traceback
import tracemalloc
import urllib.request
from typing import Any

import anyio
import pytest
import trio
from katydid import _native, asyncio_backend, trio_backend
from katydid.client import HttpClient

ROUNDS, USERS = 200, 50


async def ask_on(client: HttpClient, path: str) -> None:
    async with client.get(path, catch_response=True) as response:
        response.success()


async def asyncio_round(client: Any, paths: list[str]) -> None:
    tasks = [asyncio.create_task(ask_on(client, path)) for path in paths]
    await asyncio.sleep(0.002)
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        assert result is None or isinstance(result, asyncio.CancelledError)


async def trio_round(client: Any, paths: list[str]) -> None:
    async with trio.open_nursery() as nursery:
        for path in paths:
            nursery.start_soon(ask_on, client, path)
        await trio.sleep(0.002)
        nursery.cancel_scope.cancel()


def began(target: str) -> int:
    """Requests that the target has begun to answer."""
    with urllib.request.urlopen(f"{target}/counts") as answer:
        return int(json.load(answer)["started"])


PATHS = [["/hello", "/delay/2", "/hang"][number % 3] for number in range(USERS)]


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_requests_are_cancelled_by_the_thousand(loop: str, target: str) -> None:
    statistics = _native.Statistics()
    began_before = began(target)

    async def main() -> None:
        backend: Any = asyncio_backend if loop == "asyncio" else trio_backend
        one_round = asyncio_round if loop == "asyncio" else trio_round
        client = backend.client_here(statistics, target)
        for number in range(ROUNDS):
            if number == ROUNDS // 4:
                gc.collect()
                tracemalloc.start()
            await one_round(client, PATHS)
        assert client.in_flight == 0
        gc.collect()
        current, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert current < 200_000, "something is kept of each request"
        assert (await client.get("/hello")).status == 200

    if loop == "asyncio":
        asyncio.run(main())
    else:
        trio.run(main)
    done = sum(entry["num_requests"] for entry in statistics.take()["stats"])
    cut = sum(requests for _, _, requests in statistics.take_cut_off())
    # Those that had no connection yet are neither: the target has seen nothing of them.
    assert began(target) - began_before <= done + cut <= ROUNDS * USERS + 1
    assert cut >= ROUNDS * USERS // 3


def test_asyncio_takes_a_request_for_a_future(target: str) -> None:
    async def main() -> None:
        client: Any = asyncio_backend.client_here(None, target)
        first, second = await asyncio.gather(client.get("/hello"), client.get("/status/404"))
        assert (first.status, second.status) == (200, 404)
        done, pending = await asyncio.wait([client.get("/hang"), client.get("/hello")], return_when="FIRST_COMPLETED")
        assert (len(done), len(pending)) == (1, 1)
        (left,) = pending
        assert left.cancel()
        assert not left.cancel()
        assert left.cancelled()
        with pytest.raises(asyncio.CancelledError):
            await left
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.get("/hang"), 0.05)
        request: Any = client.get("/hello")
        with pytest.raises(asyncio.InvalidStateError):
            request.result()
        response = await request
        assert await request is response
        assert request.result() is response
        assert request.exception() is None

    asyncio.run(main())


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_client_that_drains_begins_nothing(loop: str, target: str) -> None:
    statistics = _native.Statistics()
    backend: Any = asyncio_backend if loop == "asyncio" else trio_backend

    async def main() -> None:
        client = backend.client_here(statistics, target)
        drained: list[bool] = []
        sleep: Any = asyncio.sleep if loop == "asyncio" else trio.sleep
        request = client.get("/delay/30")
        client.drain(lambda: drained.append(True))
        assert drained == []
        parked = client.get("/hello")
        await sleep(0.2)
        assert drained == [True]
        assert client.in_flight == 0
        client.resume()
        assert (await client.get("/hello", name="after")).status == 200
        del request, parked

    if loop == "asyncio":
        asyncio.run(main())
    else:
        trio.run(main)
    assert {entry["name"]: entry["num_requests"] for entry in statistics.take()["stats"]} == {
        "/delay/30": 1,
        "after": 1,
    }


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_an_answer_that_comes_while_a_client_drains_is_judged(loop: str, target: str) -> None:
    statistics = _native.Statistics()
    backend: Any = asyncio_backend if loop == "asyncio" else trio_backend

    async def judge(client: Any) -> None:
        async with client.get("/delay/50", name="judged", catch_response=True) as response:
            response.failure("not today")
        await client.get("/hello", name="begun while it drains")

    async def on_asyncio() -> None:
        client = backend.client_here(statistics, target)
        task = asyncio.create_task(judge(client))
        await asyncio.sleep(0.01)
        client.drain(task.cancel)
        with pytest.raises(asyncio.CancelledError):
            await task

    async def on_trio() -> None:
        client = backend.client_here(statistics, target)
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(judge, client)
                await trio.sleep(0.01)
                client.drain(scope.cancel)
        assert scope.cancelled_caught

    if loop == "asyncio":
        asyncio.run(on_asyncio())
    else:
        trio.run(on_trio)
    taken = statistics.take()
    assert [(each["name"], each["num_requests"]) for each in taken["stats"]] == [("judged", 1)]
    assert [(each["name"], each["occurrences"]) for each in taken["errors"].values()] == [("judged", 1)]


def test_what_interrupts_a_callback_ends_trios_run(target: str) -> None:
    def interrupts(_: object) -> None:
        raise SystemExit(3)

    async def main() -> None:
        client: Any = trio_backend.client_here(None, target)
        client.start("GET", "/hello", interrupts)
        await trio.sleep(10)

    with pytest.raises(trio.TrioInternalError) as caught:
        trio.run(main)
    assert "SystemExit: 3" in "".join(traceback.format_exception(caught.value))


def test_a_cancellation_says_whose_it_is(target: str) -> None:
    """anyio goes by the message: another one's cancellation would pass its scope."""

    async def main() -> None:
        client = asyncio_backend.client_here(None, target)
        with anyio.move_on_after(0.05) as scope:
            await client.get("/hang")
        assert scope.cancelled_caught
        task = asyncio.ensure_future(ask_on(client, "/hang"))
        await asyncio.sleep(0.01)
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError, match="enough"):
            await task

    asyncio.run(main())


def test_what_is_left_may_go_on_another_thread(target: str) -> None:
    """The collector of garbage runs on whichever thread it likes, and a ring serves one alone."""

    async def leave_a_stream() -> None:
        client = asyncio_backend.client_here(None, target)
        response = await client.get("/slow-body?bytes=6400&chunk=64&interval_ms=50", stream=True)
        left: list[Any] = [response, response.iter_lines()]
        left.append(left)

    gc.collect()
    gc.disable()
    try:
        asyncio.run(leave_a_stream())
        collector = threading.Thread(target=gc.collect)
        collector.start()
        collector.join()
    finally:
        gc.enable()
