"""The same user as a coroutine of asyncio."""

from katydid import AsyncUser, constant, task


class MixedUser(AsyncUser):
    wait_time = constant(0.02)

    @task
    async def hello(self) -> None:
        await self.client.get("/hello")
