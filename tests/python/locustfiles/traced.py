"""Requests for test_otel.py, of users of which TEST_LOOP says."""

import os

import katydid


class Visitor({"asyncio": katydid.AsyncUser, "trio": katydid.TrioUser}[os.environ["TEST_LOOP"]]):  # type: ignore[misc]
    wait_time = katydid.constant(0.02)

    @katydid.task
    async def visit(self) -> None:
        await self.client.get("/hello?a=1", name="/hello")
        await self.client.post("/status/404", data="text")
        async with self.client.get("/hops/1", catch_response=True) as answer:
            answer.failure("never good enough")
