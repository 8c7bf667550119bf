"""Users of which TEST_LOOP says, for tests of arrival rates."""

import os

import katydid


class Buyer({"asyncio": katydid.AsyncUser, "trio": katydid.TrioUser}[os.environ["TEST_LOOP"]]):  # type: ignore[misc]
    @katydid.task
    async def buy(self) -> None:
        await self.client.get("/hello")


class Steady(Buyer):
    wait_time = katydid.constant_pacing(0.1)


class Paced(Buyer):
    wait_time = katydid.constant_total_throughput(50)
