"""Requests as what the loops take them for: asyncio's futures, and what a task of Trio's waits for."""

from __future__ import annotations

import asyncio
import gc
import os
from typing import Any

import pytest
import trio
from katydid import _native, asyncio_backend, trio_backend


def test_callbacks_of_a_request_get_the_request_and_its_task_the_response(target: str) -> None:
    told: list[Any] = []

    async def main() -> Any:
        client: Any = asyncio_backend.client_here(None, target)
        request = client.get("/delay/5")
        request.add_done_callback(told.append)
        request.add_done_callback(print)
        assert request.remove_done_callback(print) == 1
        response = await request
        assert told == [request]
        assert request.result() is response
        request.add_done_callback(told.append)
        await asyncio.sleep(0)
        assert told == [request, request]
        return response

    assert asyncio.run(main()).status_code == 200


def test_functions_of_asyncio_take_requests_for_futures(target: str) -> None:
    async def main() -> None:
        client: Any = asyncio_backend.client_here(None, target)
        several = await asyncio.gather(*(client.get("/hello") for _ in range(3)))
        assert [each.status_code for each in several] == [200, 200, 200]
        done, pending = await asyncio.wait([client.get("/hello"), client.get("/hang")], return_when="FIRST_COMPLETED")
        assert [each.result().status_code for each in done] == [200]
        for each in pending:
            assert each.cancel()
            with pytest.raises(asyncio.CancelledError):
                await each
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.get("/hang"), 0.01)
        assert (await asyncio.shield(client.get("/hello"))).status_code == 200
        assert client.in_flight == 0

    asyncio.run(main())


class Bell:
    """What calls back, as a body does of which more has come."""

    def __init__(self) -> None:
        self.ring: Any = None

    def wait(self, callback: Any) -> None:
        self.ring = callback

    def stop_waiting(self) -> None:
        self.ring = None


def test_what_calls_back_is_a_future() -> None:
    async def main() -> None:
        told: list[Any] = []
        bell = Bell()
        turn: Any = _native.Turn(bell)
        assert turn.get_loop() is asyncio.get_running_loop()
        turn.add_done_callback(told.append)
        turn.add_done_callback(print)
        assert turn.remove_done_callback(print) == 1
        with pytest.raises(asyncio.InvalidStateError):
            turn.result()
        asyncio.get_running_loop().call_later(0.01, bell.ring)
        await turn
        assert (told, turn.done(), turn.cancelled(), turn.result(), turn.exception()) == (
            [turn],
            True,
            False,
            None,
            None,
        )
        assert not turn.cancel()
        await turn
        turn.add_done_callback(told.append)
        assert told == [turn]
        await asyncio.sleep(0)
        assert told == [turn, turn]

    asyncio.run(main())


def test_a_task_that_waits_for_a_call_back_can_be_cancelled() -> None:
    async def main() -> None:
        bell = Bell()
        task = asyncio.ensure_future(asyncio.wait_for(_native.Turn(bell), 5))
        await asyncio.sleep(0)
        assert bell.ring
        task.cancel("enough")
        with pytest.raises(asyncio.CancelledError):
            await task
        assert bell.ring is None
        other: Any = _native.Turn(bell)
        assert other.cancel("enough")
        assert other.cancelled()
        with pytest.raises(asyncio.CancelledError, match="enough"):
            other.result()
        with pytest.raises(ZeroDivisionError):
            _native.Turn(bell).throw(ZeroDivisionError())  # type: ignore[attr-defined]
        assert bell.ring is None

    asyncio.run(main())


def test_two_tasks_may_wait_for_one_call_back() -> None:
    async def main() -> None:
        bell = Bell()
        turn = _native.Turn(bell)

        async def wait() -> str:
            await turn
            return "awake"

        tasks = [asyncio.ensure_future(wait()) for _ in range(2)]
        await asyncio.sleep(0)
        bell.ring()
        assert await asyncio.gather(*tasks) == ["awake", "awake"]

    asyncio.run(main())


def test_what_cannot_be_waited_for(target: str) -> None:
    async def main() -> None:
        with pytest.raises(AttributeError, match="wait"):
            _native.Turn(5)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="what calls back"):
            _native.Turn()  # type: ignore[call-arg]

    asyncio.run(main())
    with pytest.raises(RuntimeError, match="no running event loop"):
        _native.Turn(Bell())


def test_the_redirects_of_a_response_are_responses_too(target: str) -> None:
    async def main() -> None:
        client: Any = asyncio_backend.client_here(None, target)
        response = await client.get("/redirect/2", keep_history=True)
        assert response.text == (await client.get("/hello")).text
        assert [each.status_code for each in response.history] == [302, 302]
        assert [type(each) for each in response.history] == [type(response)] * 2

    asyncio.run(main())


def test_two_tasks_may_await_one_request(target: str) -> None:
    async def main() -> None:
        client: Any = asyncio_backend.client_here(None, target)
        request = client.get("/delay/20")

        async def wait() -> Any:
            return await request

        results = await asyncio.gather(wait(), wait(), return_exceptions=True)
        assert [getattr(each, "status_code", each) for each in results] == [200, 200]

    asyncio.run(main())


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_a_loop_that_ends_leaves_nothing_open(loop: str, target: str) -> None:
    async def main() -> None:
        backend: Any = asyncio_backend if loop == "asyncio" else trio_backend
        assert (await backend.client_here(None, target).get("/hello")).status_code == 200

    def run_some() -> int:
        for _ in range(5):
            if loop == "asyncio":
                asyncio.run(main())
            else:
                trio.run(main)
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    open_now = run_some()
    assert run_some() <= open_now, "others may have left something that is closed meanwhile"


@pytest.mark.parametrize("public", [False, True])
def test_a_task_of_trio_is_resumed(public: bool, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if public:  # a Trio that keeps the current task elsewhere
        monkeypatch.setattr(trio_backend, "vars", lambda _: {}, raising=False)
    resumed = trio.lowlevel.reschedule
    calls: list[object] = []

    def reschedule(task: Any, outcome: Any) -> None:
        calls.append(task)
        resumed(task, outcome)

    monkeypatch.setattr(trio.lowlevel, "reschedule", reschedule)

    async def main() -> None:
        statistics = _native.Statistics()
        client: Any = trio_backend.client_here(statistics, target)

        async def ask() -> None:
            assert (await client.get("/hello")).status_code == 200

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(ask)
        with trio.move_on_after(0.01) as scope:
            await client.get("/hang")
        assert scope.cancelled_caught
        assert [each["num_requests"] for each in statistics.take()["stats"]] == [3]

    trio.run(main)
    assert len(calls) == (3 if public else 0)
