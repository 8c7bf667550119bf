"""Users of which TEST_LOOP says, for tests of arrival rates."""

import os

import katydid

Base: type = {"asyncio": katydid.AsyncUser, "trio": katydid.TrioUser}[os.environ["TEST_LOOP"]]


class Buyer(Base):
    @katydid.task
    async def buy(self) -> None:
        await self.client.get("/hello")


class Steady(Buyer):
    wait_time = katydid.constant_pacing(0.1)


class Paced(Buyer):
    wait_time = katydid.constant_total_throughput(50)


class Leaving(Base):
    """Leaves its task set with each task."""

    @katydid.task
    class Look(katydid.TaskSet):
        @katydid.task
        async def look(self) -> None:
            await self.client.get("/hello")
            self.interrupt()


class Half(Buyer):
    """Every second one ends before it begins."""

    started = 0

    async def on_start(self) -> None:
        Half.started += 1
        if Half.started % 2 == 0:
            raise katydid.StopUser
