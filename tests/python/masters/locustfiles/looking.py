"""Keeps parts of the statistics and looks at them later; with TEST_PART=history, requests are slow first, then fast."""

from __future__ import annotations

import copy
import os

import gevent
import locust.stats
from locust import FastHttpUser, User, constant, task
from locust.exception import StopUser

locust.stats.CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW = 3


class HoldingUser(FastHttpUser):
    wait_time = constant(1)
    abstract = os.environ.get("TEST_PART") == "history"

    @task
    def look(self) -> None:
        stats = self.environment.stats
        total, entry, entries = stats.total, stats.get("/hello", "GET"), stats.entries
        for _ in range(3):
            self.client.get("/hello")
        seen = [total.num_requests, entry.num_requests, entries["/hello", "GET"].num_requests]
        self.client.get("/hello")
        seen.append(copy.deepcopy(stats).num_requests)
        self.client.get("/status/404")
        self.client.get("/hello", name="late")
        seen += [total.num_failures, ("late", "GET") in entries, len(entries), len(dict(entries))]
        self.client.get("/hello")
        entry.reset()
        seen += [entry.num_requests, total.num_requests]
        print("held:", *seen, flush=True)
        raise StopUser


class SlowThenFastUser(User):
    abstract = os.environ.get("TEST_PART") != "history"

    @task
    def fire(self) -> None:
        usual = {"request_type": "T", "name": "n", "response_length": 1, "exception": None, "context": {}}
        for milliseconds in (1000, 10):
            for _ in range(10):
                self.environment.events.request.fire(**usual, response_time=milliseconds)
            gevent.sleep(3.2)
        self.environment.runner.quit()
