"""One rate for all users together. Locust's own users know each one's share of it only."""

from locust import FastHttpUser, constant_throughput, task


class Paced(FastHttpUser):
    wait_time = constant_throughput(40 / 8)

    @task
    def ask(self):
        self.client.get("/hello?paced")
