"""How long a user waits between two tasks: `wait_time = between(1, 5)`."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, TypeAlias

from . import chance

WaitTime: TypeAlias = Callable[[Any], float]
"""A function of the user, in seconds; a method of the class will do."""


def constant(wait_time: float) -> WaitTime:
    """Always so many seconds."""
    return lambda user: wait_time


def between(min_wait: float, max_wait: float) -> WaitTime:
    """Anything from `min_wait` to `max_wait` seconds."""
    return lambda user: min_wait + chance.random() * (max_wait - min_wait)


def _until(user: Any, period: float) -> float:
    now = time.perf_counter()
    last_start = getattr(user, "_pace_start", None)
    if last_start is None:
        last_start = user._life_start
    wait: float = max(0.0, period - (now - last_start))
    user._pace_start = now + wait
    return wait


def constant_pacing(wait_time: float) -> WaitTime:
    """A task starts every `wait_time` seconds, unless the one before it took longer."""
    return lambda user: _until(user, wait_time)


def constant_throughput(task_runs_per_second: float) -> WaitTime:
    """So many tasks a second by each user, unless tasks take longer."""
    if not task_runs_per_second > 0:
        raise ValueError(f"constant_throughput() needs a rate above 0, not {task_runs_per_second}")
    return constant_pacing(1.0 / task_runs_per_second)


def constant_total_throughput(task_runs_per_second: float) -> WaitTime:
    """So many tasks a second by all users of the class together, on all workers, as locust-plugins has it.

    Unlike an arrival rate, it waits for the users: it falls when they can't keep up.
    """
    if not task_runs_per_second > 0:
        raise ValueError(f"constant_total_throughput() needs a rate above 0, not {task_runs_per_second}")
    return lambda user: _until(user, max(1, user._running.fleet_users()) / task_runs_per_second)


def poisson(rate: float) -> WaitTime:
    """Exponentially distributed, `1 / rate` seconds on average: tasks come as real users do, in bursts."""
    if not rate > 0:
        raise ValueError(f"poisson() needs a rate above 0, not {rate}")
    return lambda user: -math.log(1.0 - chance.random()) / rate
