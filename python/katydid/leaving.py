"""Users that are told to stop, until they have come to their on_stop."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Generic, TypeVar

from .backend import Backend

U = TypeVar("U")


class Leaving(Generic[U]):
    """Users that were told to stop at the same time."""

    def __init__(self, backend: Backend, users: Iterable[U]) -> None:
        self.at_work = set(users)
        self.none_at_work = backend.event()
        if not self.at_work:
            self.none_at_work.set()

    def drop(self, user: U) -> None:
        self.at_work.discard(user)
        if not self.at_work:
            self.none_at_work.set()
