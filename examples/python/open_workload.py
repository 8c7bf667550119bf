"""An open workload: orders come at a rate, whatever the shop does. When it gets slow, they pile up as they do in life.

katydid -f examples/python/open_workload.py --master-host HOST
"""

from katydid import ArrivalRate, AsyncUser, task


class Buyer(AsyncUser):
    arrival_rate = 50  # a second; the users of the test are the pool that the orders are taken from

    @task
    async def order(self) -> None:
        await self.client.post("/echo", json={"item": 42}, name="/order")


class Visitor(AsyncUser):
    # Rises to 100 a second in 2 seconds and stays there, with gaps as between people who know nothing of each other.
    arrival_rate = ArrivalRate.stages([(2, 100)]).poisson()

    @task
    async def look(self) -> None:
        await self.client.get("/hello")
