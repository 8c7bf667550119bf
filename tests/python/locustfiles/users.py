# mypy: disable-error-code="misc"
"""Users for test_worker.py: the same for asyncio and, with TEST_LOOP=trio, for Trio."""

from __future__ import annotations

import os
import time
from typing import Any

from katydid import (
    AsyncUser,
    InterruptTaskSet,
    SequentialTaskSet,
    TaskSet,
    TrioUser,
    constant,
    events,
    register_message,
    tag,
    task,
)

sleep: Any
if os.environ.get("TEST_LOOP") == "trio":
    from trio import sleep

    Base: Any = TrioUser
else:
    from asyncio import sleep

    Base = AsyncUser


class EagerUser(Base):
    wait_time = constant(0.01)

    async def on_start(self) -> None:
        await self.client.get("/hello", name="start")

    async def on_stop(self) -> None:
        await self.client.get("/hello", name="stop")

    @task(3)
    async def hello(self) -> None:
        response = await self.client.get("/hello")
        assert response.status_code == 200
        assert len(response.text) == 54

    @task
    async def slow(self) -> None:
        await self.client.get("/delay/30")


class BusyUser(Base):
    @task
    async def hello(self) -> None:
        await self.client.get("/hello")


class StubbornUser(Base):
    @task
    async def wait(self) -> None:
        await self.client.get("/hello")
        await self.client.get("/delay/60000")


class HalfwayUser(Base):
    """Is always in the middle of something that is no request of its client."""

    wait_time = constant(0.01)

    @task
    async def reported(self) -> None:
        async with self.report("nap", method="SLEEP") as report:
            await sleep(0.05)
            report.length = 7

    @task
    async def failing(self) -> None:
        async with self.report("bad nap") as report:
            await sleep(0.01)
            report.failure("woke up")


class RaisingUser(Base):
    wait_time = constant(0.1)

    @task
    async def raises(self) -> None:
        await self.client.get("/hello")
        raise ValueError("broken on purpose")


class JudgingUser(Base):
    wait_time = constant(0.05)

    @task
    async def judge(self) -> None:
        async with self.client.get("/hello", name="bad", catch_response=True) as response:
            response.failure("not today")
        async with self.client.get("/status/404", name="good", catch_response=True) as response:
            response.success()
        async with self.client.post("/echo", json={"a": [1]}, params={"p": 2}, name="echo") as response:
            assert response.json()["target"] == "/echo?p=2"


class BlockingUser(Base):
    wait_time = constant(0.2)

    @task
    async def blocks(self) -> None:
        await self.client.get("/hello")
        time.sleep(0.6)  # noqa: ASYNC251 - what not to do


class SetsUser(Base):
    wait_time = constant(0)
    log: list[str]

    async def on_start(self) -> None:
        self.log = []

    @task
    class Outer(TaskSet):
        async def on_start(self) -> None:
            self.user.log.append("enter")

        async def on_stop(self) -> None:
            rounds, rest = divmod(len(self.user.log) - 1, 3)
            assert self.user.log == ["enter", *["one", "two", "three"] * rounds], self.user.log
            assert rest == 0
            await self.client.get("/hello", name="in order")
            self.user.stop()

        @task
        class Inner(SequentialTaskSet):
            @task
            async def one(self) -> None:
                self.user.log.append("one")

            @task
            async def two(self) -> None:
                self.user.log.append("two")

            @task
            async def three(self) -> None:
                self.user.log.append("three")
                self.interrupt()

        @task
        async def leave(self) -> None:
            if self.user.log[-1:] == ["three"]:
                self.interrupt()


class LeavingUser(Base):
    """Is stopped in the middle of a task set in a task set."""

    async def on_stop(self) -> None:
        await self.client.get("/hello", name="user's on_stop")

    @task
    class Outer(TaskSet):
        async def on_stop(self) -> None:
            await self.client.get("/hello", name="outer on_stop")

        @task
        class Inner(TaskSet):
            async def on_stop(self) -> None:
                await self.client.get("/hello", name="inner on_stop")
                raise ValueError("on_stop is broken")

            @task
            async def wait(self) -> None:
                await self.client.get("/hello", name="in it")
                await sleep(60)


class LostUser(Base):
    wait_time = constant(0.1)

    @task
    async def leaves_nothing(self) -> None:
        await self.client.get("/hello")
        raise InterruptTaskSet


class UnwillingUser(Base):
    def wait_time(self) -> float:
        raise ValueError("how long?")

    @task
    async def hello(self) -> None:
        await self.client.get("/hello")


class TaggedUser(Base):
    wait_time = constant(0.02)

    @tag("yes")
    @task
    async def wanted(self) -> None:
        await self.client.get("/hello", name="wanted")

    @tag("yes", "no")
    @task
    async def unwanted(self) -> None:
        await self.client.get("/hello", name="unwanted")

    @task
    async def untagged(self) -> None:
        await self.client.get("/hello", name="untagged")


@events.test_start.add_listener
async def begin(environment: Any, **_: Any) -> None:
    await sleep(0.05)
    environment.statistics.record("EVENT", "test_start", 1.0, 0)


@events.test_stop.add_listener
def end(environment: Any, **_: Any) -> None:
    environment.statistics.record("EVENT", "test_stop", 1.0, 0)


def say_back(environment: Any, msg: Any, **_: Any) -> None:
    environment.send_message("said", msg)


register_message("say", say_back)
