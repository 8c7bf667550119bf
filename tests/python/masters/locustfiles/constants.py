"""Sets what TEST_SET says in Locust's modules, as locustfiles do; its users tell what they see of the statistics."""

from __future__ import annotations

import os
from typing import Any

import locust.stats
from locust import FastHttpUser, constant, events, runners, task

for each in os.environ.get("TEST_SET", "").split(";"):
    name, _, value = each.partition("=")
    if value:
        setattr(runners if hasattr(runners, name) else locust.stats, name, eval(value))

send_logs = runners.WorkerRunner._send_logs


def send_and_tell(self: Any, current_logs: Any) -> None:
    print("logs sent", flush=True)
    send_logs(self, current_logs)  # type: ignore[no-untyped-call]


runners.WorkerRunner._send_logs = send_and_tell  # type: ignore[method-assign]


@events.report_to_master.add_listener
def tell(**_: Any) -> None:
    print("report sent", flush=True)


class HelloUser(FastHttpUser):
    wait_time = constant(0.2)

    @task
    def hello(self) -> None:
        self.client.get("/hello")
        if "TEST_ROUND" in os.environ:
            locust.stats.bucket_response_time = lambda milliseconds: 777
            self.client.get("/hello", name="rounded")
            print("rounded:", dict(self.environment.stats.get("rounded", "GET").response_times), flush=True)
