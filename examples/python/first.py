"""The shop of docs/tutorial-python.md, for Locust and for Katydid.

katydid -f examples/python/first.py --master-host HOST
"""

import random

from locust import HttpUser, between, task


class Visitor(HttpUser):
    wait_time = between(0.1, 0.5)

    @task(1)
    def front_page(self):
        self.client.get("/")

    @task(3)
    def item(self):
        number = random.randint(1, 5)
        with self.client.get(f"/items/{number}.json", name="/items/[id]", catch_response=True) as answer:
            if answer.ok and answer.json()["price"] <= 0:
                answer.failure("no price")
