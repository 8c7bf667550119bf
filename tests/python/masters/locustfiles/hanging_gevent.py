"""A user who blocks gevent's hub while there is a file of the name that HANGS says."""

import os

from gevent import monkey
from locust import HttpUser, constant, task

really_sleep = monkey.get_original("time", "sleep")


class HangingUser(HttpUser):
    wait_time = constant(0.02)

    @task
    def hello(self):
        self.client.get("/hello")
        while os.path.exists(os.environ["HANGS"]):
            really_sleep(0.05)
