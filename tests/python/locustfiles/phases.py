"""Requests whose first byte comes late, and is where `response.phases` says; of users of which TEST_LOOP says."""

import os

import katydid


class Visitor({"asyncio": katydid.AsyncUser, "trio": katydid.TrioUser}[os.environ["TEST_LOOP"]]):  # type: ignore[misc]
    @katydid.task
    async def visit(self) -> None:
        response = await self.client.get("/slow-body?bytes=4&chunk=2&interval_ms=60", name="/slow")
        if response.phases.first_byte + 0.05 > response.elapsed:
            raise ValueError(f"the first byte came late: {response.phases}")
        await self.client.get("/delay/40", name="/late")
        await self.client.get("/status/404", name="/wrong", discard_body=True)
