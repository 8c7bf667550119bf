"""The users of locustfile.py as coroutines, of the class that BASE names: AsyncUser or TrioUser."""

import os

import katydid
from katydid import constant, task


class Asker(getattr(katydid, os.environ.get("BASE", "AsyncUser"))):
    wait_time = constant(0)

    async def on_start(self):
        self.socket = await self.websocket("/echo")

    @task
    async def ask(self):
        answer = await self.socket.ask("a message that has thirty-two b.")
        assert len(answer) == 32
