"""The user that workers of all kinds have, for Locust's own worker and for Katydid's on gevent."""

from locust import HttpUser, constant, task


class MixedUser(HttpUser):
    wait_time = constant(0.02)

    @task
    def hello(self):
        self.client.get("/hello")
