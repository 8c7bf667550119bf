"""The users of locustfile.cpp once more, for Locust's own workers in a mixed fleet (compose.mixed.yaml)."""

from locust import HttpUser, between, task


class Visitor(HttpUser):
    wait_time = between(0.05, 0.25)

    @task(3)
    def front_page(self):
        self.client.get("/hello")

    @task
    def search(self):
        self.client.get("/delay/25", name="/delay/[ms]")
