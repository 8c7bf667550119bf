"""An httpx.AsyncClient on Trio, as it is: what dies in a Python worker of Locust's, whose gevent has taken epoll away.

katydid -f examples/python/trio_httpx.py --master-host HOST
"""

import httpx
import trio
from katydid import TrioUser, constant, task


class HttpxUser(TrioUser):
    wait_time = constant(0.2)

    async def on_start(self) -> None:
        self.http = httpx.AsyncClient(base_url=self.host or "")

    async def on_stop(self) -> None:
        await self.http.aclose()

    @task(2)
    async def hello(self) -> None:
        async with self.report("/hello", method="GET") as report:
            response = await self.http.get("/hello")
            response.raise_for_status()
            report.length = len(response.content)

    @task
    async def several_at_once(self) -> None:
        async with trio.open_nursery() as nursery:
            for size in (10, 1000, 10_000):
                nursery.start_soon(self.download, size)

    async def download(self, size: int) -> None:
        async with self.report("/bytes", method="GET"):
            (await self.http.get(f"/bytes/{size}")).raise_for_status()
