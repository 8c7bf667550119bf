"""Fires request events with numbers that do not fit, and with names that msgpack cannot take."""

from __future__ import annotations

import enum
import os

from locust import User, constant, task
from locust.exception import StopUser


class Name(enum.Enum):
    ITEMS = "items"


class FiringUser(User):
    wait_time = constant(1)

    @task
    def fire(self) -> None:
        def fired(**keywords: object) -> None:
            usual = {"request_type": "T", "response_time": 1.0, "response_length": 1, "exception": None, "context": {}}
            self.environment.events.request.fire(**{**usual, **keywords})

        if os.environ.get("TEST_PART") == "names":
            fired(name=Name.ITEMS)
            fired(name="half a pair \ud83d")
        else:
            for value in (float("inf"), float("nan"), 1e300, 2**70, -float("inf")):
                fired(name="refused", response_time=value)
            fired(name="negative", response_time=-3)
            fired(name="long", response_time=12345678901)
            fired(name="huge length", response_length=2**64)
            fired(name="short", response_length=-1)
        fired(name="plain", response_time=5)
        raise StopUser
