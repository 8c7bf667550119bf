"""The customers of users.cpp as users of Locust's; BASE=FastHttpUser chooses the class that they are derived from."""

import os
import random

import locust
from locust import constant, events, task

chance = random.Random(2024)

if os.environ.get("LISTEN"):

    @events.request.add_listener
    def on_request(request_type, name, response_time, response_length, response, context, exception, **kwargs):
        pass


class Customer(getattr(locust, os.environ.get("BASE", "HttpUser"))):
    wait_time = constant(0)

    def on_start(self):
        self.client.post("/login", json={"name": "mary", "password": "quite secret"})

    @task(5)
    def look(self):
        self.client.get(f"/products/{chance.randrange(1_000_000)}", name="/products/[id]")

    @task(2)
    def search(self):
        self.client.get(
            "/search",
            params={"q": f"word-{chance.randrange(1000)}", "page": "2"},
            headers={"Accept": "application/json"},
            name="/search",
        )

    @task(2)
    def put_into_cart(self):
        cart = {"product": chance.randrange(1000), "count": 1}
        with self.client.post("/cart", json=cart, catch_response=True) as response:
            if response.status_code != 200 or not response.json()["ok"]:
                response.failure("not in the cart")

    @task(1)
    def rate(self):
        self.client.post("/ratings", data={"stars": str(chance.randrange(5)), "text": "as shown"})
