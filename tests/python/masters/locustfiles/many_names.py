"""More names than anybody should have, then one that is often used, and one that fails."""

from __future__ import annotations

from locust import User, constant, task
from locust.exception import StopUser


class ManyNamesUser(User):
    wait_time = constant(1)

    @task
    def fire(self) -> None:
        usual = {"request_type": "T", "response_time": 1.0, "response_length": 1, "context": {}}
        fire = self.environment.events.request.fire
        for number in range(12_000):
            fire(**usual, name=f"/x?id={number}", exception=None)
        for _ in range(100):
            fire(**usual, name="plain", exception=None)
        fire(**usual, name="late", exception=ValueError("late"))
        fire(**usual, name="n" * 5000, exception=ValueError("long"))
        raise StopUser
