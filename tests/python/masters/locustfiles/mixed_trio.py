"""The same user as a task of Trio."""

from katydid import TrioUser, constant, task


class MixedUser(TrioUser):
    wait_time = constant(0.02)

    @task
    async def hello(self) -> None:
        await self.client.get("/hello")
