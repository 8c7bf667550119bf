"""Two classes whose weights, hosts and tasks the master's class picker changes."""

from locust import FastHttpUser, constant, task


class Picked(FastHttpUser):
    host = "http://127.0.0.1:9"
    wait_time = constant(0.1)

    def on_start(self):
        self.client.get("/hello?Picked")

    @task
    def first(self):
        self.client.get("/hello?first")

    @task
    def second(self):
        self.client.get("/hello?second")


class Other(FastHttpUser):
    host = "http://127.0.0.1:9"
    wait_time = constant(0.1)

    def on_start(self):
        self.client.get("/hello?Other")

    @task
    def third(self):
        self.client.get("/hello?third")
