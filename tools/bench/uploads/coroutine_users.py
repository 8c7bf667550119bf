"""The users of locustfile.py as coroutines, of the class that BASE names: AsyncUser or TrioUser."""

import os

import katydid
from katydid import constant, task

BODY = b"x" * (1 << 20)


class Sender(getattr(katydid, os.environ.get("BASE", "AsyncUser"))):
    wait_time = constant(0)

    @task
    async def send(self):
        await self.client.put("/upload", data=BODY)
