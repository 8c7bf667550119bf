"""What test_real_servers.py asks of real servers, by users that are coroutines; KINDS_BASE says of which loop.

KINDS_ENDING is what a user does after a second: "StopUser", "quit" or nothing.
"""

import os
import time

import katydid
from katydid import StopUser, task


class Kinds(getattr(katydid, os.environ["KINDS_BASE"])):
    async def on_start(self):
        self.born = time.monotonic()

    @task
    async def ask(self):
        await self.client.get("/small")
        await self.client.get("/large")
        async with self.client.get("/pieces", stream=True) as response:
            async for _ in response.iter_content():
                pass
        async with self.client.get("/half", stream=True) as response:
            await anext(response.iter_content())
        await self.client.put("/text", data=b"x" * 300_000)
        await self.client.put("/made", data=(b"one piece of many" for _ in range(100)))
        if time.monotonic() > self.born + 1:
            self.end(os.environ.get("KINDS_ENDING"))

    def end(self, how):
        if how == "StopUser":
            raise StopUser
        if how == "quit":
            self.environment.quit()
