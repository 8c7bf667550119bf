"""A user who blocks the loop of asyncio or Trio (HANGING_BASE) while there is a file of the name that HANGS says."""

import os
import time

import katydid
from katydid import constant, task


def hang() -> None:
    while os.path.exists(os.environ["HANGS"]):
        time.sleep(0.05)


class HangingUser(getattr(katydid, os.environ["HANGING_BASE"])):
    wait_time = constant(0.02)

    @task
    async def hello(self) -> None:
        await self.client.get("/hello")
        hang()
