"""What test_real_servers.py asks of real servers, by a plain locustfile; KINDS_BASE says by which client.

KINDS_ENDING is what a user does after a second: "StopUser", "quit" or nothing.
"""

import os
import time

import locust
from locust import task
from locust.exception import StopUser


class Kinds(getattr(locust, os.environ["KINDS_BASE"])):
    def on_start(self):
        self.born = time.monotonic()

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
        if time.monotonic() > self.born + 1:
            self.end(os.environ.get("KINDS_ENDING"))

    def end(self, how):
        if how == "StopUser":
            raise StopUser
        if how == "quit":
            self.environment.runner.quit()
