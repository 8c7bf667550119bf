"""Users of WebSockets, of the class that TEST_LOOP names, for the tests of the count."""

import os

import katydid
from katydid import constant, task

Base = {"asyncio": katydid.AsyncUser, "trio": katydid.TrioUser}[os.environ["TEST_LOOP"]]


class Asker(Base):  # type: ignore[valid-type, misc]
    wait_time = constant(0.005)

    async def on_start(self) -> None:
        self.socket = await self.websocket("/chat")

    async def on_stop(self) -> None:
        await self.socket.close()

    @task
    async def ask(self) -> None:
        assert await self.socket.ask("hello") == "hello"


class Visitor(Base):  # type: ignore[valid-type, misc]
    wait_time = constant(0.005)

    @task
    async def visit(self) -> None:
        async with self.websocket("/slow") as socket:
            await socket.ask("hello")
            await socket.send("one")
            await socket.send(b"two")
            assert await socket.receive() == "one"
            assert await socket.receive() == b"two"
