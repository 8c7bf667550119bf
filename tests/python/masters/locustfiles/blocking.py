"""A task that never lets go of the interpreter for longer than a master waits for a heartbeat."""

import time

from gevent import monkey
from locust import HttpUser, task

really_sleep = monkey.get_original("time", "sleep")


class BlockingUser(HttpUser):
    @task
    def block(self):
        self.client.get("/hello")
        end = time.monotonic() + 5
        while time.monotonic() < end:
            pass
