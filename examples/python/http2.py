"""Many requests at once over one HTTP/2 connection, on asyncio.

katydid -f examples/python/http2.py --headless -u 4 -t 10s --host https://127.0.0.1:8443
"""

import asyncio

from katydid import AsyncUser, between, task


class Visitor(AsyncUser):
    wait_time = between(0.01, 0.05)

    async def on_start(self) -> None:
        self.client.http_version = "2"
        self.client.verify = False  # for a test's own certificate

    @task
    async def page(self) -> None:
        await self.client.get("/hello", name="page")
        await asyncio.gather(*(self.client.get(f"/bytes/{100 * n}", name="image") for n in range(1, 21)))
