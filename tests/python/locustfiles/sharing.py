"""Users whose requests go over two connections of all of them; of the kind that TEST_LOOP says."""

import os

import katydid


class Sharer({"asyncio": katydid.AsyncUser, "trio": katydid.TrioUser}[os.environ["TEST_LOOP"]]):  # type: ignore[misc]
    wait_time = katydid.constant(0.02)

    async def on_start(self) -> None:
        self.client.share_connections = True
        self.client.max_connections = 2

    @katydid.task
    async def ask(self) -> None:
        await self.client.get("/hello")
