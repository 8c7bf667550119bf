"""What test_real_servers.py asks of real servers, by a plain locustfile; KINDS_BASE says by which client."""

import os

import locust
from locust import task


class Kinds(getattr(locust, os.environ["KINDS_BASE"])):
    @task
    def ask(self):
        self.client.get("/small")
        self.client.get("/large")
        if os.environ["KINDS_BASE"] == "HttpUser":
            with self.client.get("/pieces", stream=True, catch_response=True) as response:
                for _ in response.iter_content(1000):
                    pass
            with self.client.get("/half", stream=True, catch_response=True) as response:
                next(response.iter_content(1000))
        self.client.put("/text", data=b"x" * 300_000)
        self.client.put("/made", data=(b"one piece of many" for _ in range(100)))
