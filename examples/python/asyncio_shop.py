"""Users that are coroutines of asyncio.

katydid -f examples/python/asyncio_shop.py --master-host HOST
"""

import asyncio

from katydid import AsyncUser, TaskSet, between, tag, task


class Visitor(AsyncUser):
    wait_time = between(0.1, 0.5)
    weight = 3

    @task(3)
    async def front_page(self) -> None:
        await self.client.get("/hello", name="front page")

    @tag("parallel")
    @task
    async def page_with_images(self) -> None:
        await self.client.get("/hello", name="page")
        images = (self.client.get(f"/bytes/{1000 * n}", name="image") for n in range(1, 5))
        await asyncio.gather(*images)


class Buyer(AsyncUser):
    wait_time = between(0.1, 0.5)

    async def on_start(self) -> None:
        await self.client.post("/echo", json={"user": "ann"}, name="sign in")

    @task
    class Checkout(TaskSet):
        @task
        async def pay(self) -> None:
            async with self.client.post("/echo", data={"total": "12.50"}, name="pay", catch_response=True) as response:
                if "total" not in response.text:
                    response.failure("the total is missing")
            self.interrupt()

    @task
    async def stock_price(self) -> None:
        async with self.report("stock price", method="TCP"):  # whatever it is that is awaited here
            reader, writer = await asyncio.open_connection(*self.address)
            writer.write(b"GET /hello HTTP/1.0\r\n\r\n")
            await reader.read()
            writer.close()

    @property
    def address(self) -> tuple[str, int]:
        host, port = (self.host or "").removeprefix("http://").split(":")
        return host, int(port)
