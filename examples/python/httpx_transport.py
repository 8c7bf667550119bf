"""Code that is written for HTTPX, on Katydid's engine: one argument, a fraction of the cost, and its requests counted.

katydid -f examples/python/httpx_transport.py --master-host HOST
"""

import httpx
from katydid import AsyncUser, constant, task
from katydid.httpx import AsyncTransport


class HttpxUser(AsyncUser):
    wait_time = constant(0.2)

    async def on_start(self) -> None:
        self.http = httpx.AsyncClient(base_url=self.host or "", transport=AsyncTransport(self))

    @task
    async def hello(self) -> None:
        await self.http.get("/hello")

    @task
    async def item(self) -> None:
        await self.http.post("/echo", json={"id": 42}, extensions={"name": "/items/[id]"})
