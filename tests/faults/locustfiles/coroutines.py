"""The lab's users on asyncio and, with LAB_LOOP=trio, on Trio."""

import os

from katydid import AsyncUser, TrioUser, constant, task

Base = TrioUser if os.environ.get("LAB_LOOP") == "trio" else AsyncUser


class CoroutineUser(Base):
    wait_time = constant(0.05)

    @task(3)
    async def read(self):
        await self.client.get("/hello")

    @task(3)
    async def write(self):
        await self.client.post("/echo", data="a few words")

    @task
    async def wait(self):
        await self.client.get("/delay/40")
