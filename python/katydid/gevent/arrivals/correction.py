"""The times that users would have seen who do not wait for the server: `--latency-correction`."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import locust
from gevent import getcurrent
from locust.env import Environment
from locust.user.task import TaskSet

from katydid import _native

from ..recording import RequestStats
from . import places

_users: WeakKeyDictionary[Any, _native.CorrectedUser] = WeakKeyDictionary()
"""By the greenlet that a user's tasks run in. What other greenlets ask for is not corrected."""


def correct_latency() -> None:
    """In this process, from its start on."""
    locust.events.init.add_listener(_begin)


def _begin(environment: Environment, **_: Any) -> None:
    stats: Any = environment.stats
    if not isinstance(stats, RequestStats):
        raise SystemExit("--latency-correction needs Locust's own statistics, which something has replaced")
    execute_next_task = TaskSet.execute_next_task

    def next_task(self: Any) -> None:
        here = getcurrent()
        corrected = _users.get(here)
        if corrected is None and not places.has_rate(self.user):
            corrected = _users[here] = _native.CorrectedUser(stats.native, nothing_else=True)
        if corrected is not None and not places.enters_task_set(self):
            corrected.task_begins()
        execute_next_task(self)  # type: ignore[no-untyped-call]

    TaskSet.execute_next_task = next_task  # type: ignore[method-assign]
    environment.events.request.add_listener(_record)


def _record(request_type: str, name: str, response_time: Any, response_length: Any, **_: Any) -> None:
    corrected = _users.get(getcurrent())
    if corrected is not None:
        corrected.record(request_type, name, response_time, response_length or 0)
