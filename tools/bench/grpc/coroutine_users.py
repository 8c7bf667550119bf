"""The users of users.cpp as coroutines, of the class that BASE names: AsyncUser or TrioUser; without protobuf's classes."""

import os

import katydid
from katydid import constant, task

MESSAGE = b"\x0a\x20" + b"a message that has thirty-two b."


class Caller(getattr(katydid, os.environ.get("BASE", "AsyncUser"))):
    wait_time = constant(0)

    async def on_start(self):
        self.say = self.grpc_channel().unary_unary("/echo.Echo/Say")

    @task
    async def call(self):
        assert len(await self.say(MESSAGE)) == len(MESSAGE)
