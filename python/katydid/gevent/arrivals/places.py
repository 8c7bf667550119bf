"""Where users wait for arrivals, in place of their wait time."""

from __future__ import annotations

from typing import Any

from gevent import get_hub, getcurrent
from locust import User
from locust.exception import StopUser
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_STOPPING, LOCUST_STATE_WAITING, TaskSet

from katydid import _native

_arrivals: dict[str, _native.Arrivals] = {}
"""Of the process, by the class's name."""


def no_time(_user: object) -> float:
    """A class's wait time, which its rate replaces."""
    return 0


class _Place:
    """A user's, among those that wait for arrivals."""

    def __init__(self, arrivals: _native.Arrivals) -> None:
        self.pool = _native.PoolUser(arrivals, False)
        self._is_new = True
        self.may_begin = False
        """An arrival has come that no task was begun for."""

    def ready(self) -> None:
        """Or missing in the pool, where the user ends before: the rate stays as it is."""
        if self._is_new:
            self._is_new = False
            self.pool.is_ready()

    def wait(self, user: Any) -> None:
        self.ready()
        user._state = LOCUST_STATE_WAITING
        self.pool.wait(getcurrent().switch)
        try:
            get_hub().switch()
        finally:
            self.pool.stop_waiting()
        if user._state == LOCUST_STATE_STOPPING:
            raise StopUser()
        user._state = LOCUST_STATE_RUNNING
        self.pool.task_begins()
        self.may_begin = True


def enters_task_set(task_set: Any) -> bool:
    """Whether what comes next is a task set, whose own tasks are those that begin."""
    return bool(task_set._task_queue) and isinstance(task_set._task_queue[0], type)


def has_rate(user: object) -> bool:
    """Whether the tasks of this user begin when they are due."""
    return type(user).__name__ in _arrivals


def _place_of(user: Any) -> _Place | None:
    here = vars(user)
    found: _Place | None = here.get("_katydid_place")
    if found is None and (arrivals := _arrivals.get(type(user).__name__)) is not None:
        found = here["_katydid_place"] = _Place(arrivals)
        here["_katydid_pool_user"] = found.pool
    return found


def watch_tasks(arrivals: dict[str, _native.Arrivals]) -> None:
    """From now on, tasks of these classes begin when they are due."""
    global _arrivals
    _arrivals = arrivals
    execute_next_task = TaskSet.execute_next_task
    if execute_next_task.__module__ == __name__:
        return
    usual_wait_time = TaskSet.wait_time

    def next_task(self: Any) -> None:
        place = _place_of(self.user)
        if place is not None:
            if not place.may_begin and type(self).wait_time is usual_wait_time:
                place.wait(self.user)
            place.may_begin = enters_task_set(self)
        execute_next_task(self)  # type: ignore[no-untyped-call]

    usual_run = User.run

    def run(self: Any) -> Any:
        try:
            return usual_run(self)  # type: ignore[no-untyped-call]
        finally:
            if (place := _place_of(self)) is not None:
                place.ready()

    TaskSet.execute_next_task = next_task  # type: ignore[method-assign]
    User.run = run  # type: ignore[method-assign, misc]
