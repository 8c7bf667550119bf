"""Users that get their data from files: each account is for one user only, and the orders come again and again.

katydid -f examples/python/feeders.py --master-host HOST
"""

from katydid import AsyncUser, CsvFeeder, JsonLinesFeeder, constant, task

accounts = CsvFeeder("../data/accounts.csv", order="once")
orders = JsonLinesFeeder("../data/orders.jsonl")


class Customer(AsyncUser):
    wait_time = constant(0.1)

    async def on_start(self) -> None:
        account = next(accounts)
        await self.client.post("/echo", data={"user": account["name"], "password": account["password"]}, name="/login")

    @task
    async def order(self) -> None:
        await self.client.post("/echo", json=next(orders), name="/order")
