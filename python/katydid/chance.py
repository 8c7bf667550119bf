"""What is left to chance in users: which task is next, how long a wait is.

With --seed, each user has numbers of its own, and they are the same in each run.
"""

from __future__ import annotations

import random as standard
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

_seed: int | None = None
_worker = 0
_started: Counter[str] = Counter()
"""How many users of each class were started in this test."""
_shared = standard.Random()
_own: ContextVar[standard.Random] = ContextVar("katydid's source of chance")

random: Callable[[], float] = standard.random
"""From 0 up to, but without, 1. Look it up when it is called: seed() replaces it."""


def random_source() -> standard.Random:
    """For a user's own choices: with --seed, the same in each run; `random_source().choice(items)`."""
    return _own.get(_shared)


def seed(number: int) -> None:
    """From now on chance is repeatable in this process."""
    global _seed, random
    _seed = number
    random = _draw
    begin_test(0)


def begin_test(worker: int) -> None:
    """Users are counted anew. Python's `random`, which their tasks may use, is seeded too."""
    global _worker
    if _seed is None:
        return
    _worker = max(worker, 0)
    _started.clear()
    _shared.seed(f"{_seed}/{_worker}")
    standard.seed(f"{_seed}/{_worker}")


def seed_of_arrivals(cls: str) -> int | None:
    """When tasks of that class are due in this test of this worker; nothing without a seed."""
    return None if _seed is None else standard.Random(f"{_seed}/{_worker}/{cls}/arrivals").getrandbits(64)


def of_another_user(cls: str) -> AbstractContextManager[None]:
    """What is started in this block belongs to the next user of that class."""
    return nullcontext() if _seed is None else _of_user(cls)


@contextmanager
def _of_user(cls: str) -> Iterator[None]:
    before = _own.set(standard.Random(f"{_seed}/{_worker}/{cls}/{_started[cls]}"))
    _started[cls] += 1
    try:
        yield
    finally:
        _own.reset(before)


def _draw() -> float:
    return random_source().random()
