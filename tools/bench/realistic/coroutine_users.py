"""The customers of users.cpp as coroutines, of the class that BASE names: AsyncUser or TrioUser."""

import os
import random

import katydid
from katydid import constant, task

chance = random.Random(2024)


class Customer(getattr(katydid, os.environ.get("BASE", "AsyncUser"))):
    wait_time = constant(0)

    async def on_start(self):
        await self.client.post("/login", json={"name": "mary", "password": "quite secret"})

    @task(5)
    async def look(self):
        await self.client.get(f"/products/{chance.randrange(1_000_000)}", name="/products/[id]")

    @task(2)
    async def search(self):
        await self.client.get(
            "/search",
            params={"q": f"word-{chance.randrange(1000)}", "page": "2"},
            headers={"Accept": "application/json"},
            name="/search",
        )

    @task(2)
    async def put_into_cart(self):
        cart = {"product": chance.randrange(1000), "count": 1}
        async with self.client.post("/cart", json=cart, catch_response=True) as response:
            if response.status_code != 200 or not response.json()["ok"]:
                response.failure("not in the cart")

    @task(1)
    async def rate(self):
        await self.client.post("/ratings", data={"stars": str(chance.randrange(5)), "text": "as shown"})
