"""What test_real_servers.py asks of real servers, by users that are coroutines; KINDS_BASE says of which loop."""

import os

import katydid
from katydid import task


class Kinds(getattr(katydid, os.environ["KINDS_BASE"])):
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
