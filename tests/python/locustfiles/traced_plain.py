"""Requests for test_otel_of_locust.py, of a plain locustfile."""

from locust import FastHttpUser, HttpUser, constant, task


class Visitor(HttpUser):
    wait_time = constant(0.05)

    @task
    def visit(self) -> None:
        self.client.get("/hello?a=1", name="/hello")
        self.client.post("/status/404", data="text")


class FastVisitor(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def visit(self) -> None:
        self.client.get("/hello?a=2", name="/fast")
