from typing import Any

from locust import FastHttpUser, HttpUser, task


def visit(user: Any) -> None:
    user.client.get("/slow-body?bytes=4&chunk=2&interval_ms=60", name="/slow")
    with user.client.get("/delay/40", name="/late", catch_response=True) as response:
        response.success()
    user.client.get("/status/404", name="/wrong")


class Fast(FastHttpUser):
    @task
    def visit(self) -> None:
        visit(self)


class Requests(HttpUser):
    @task
    def visit(self) -> None:
        visit(self)
