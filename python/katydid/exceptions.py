"""What a task raises to steer its user, as in Locust."""

from __future__ import annotations


class StopUser(Exception):  # noqa: N818 - Locust's name
    """This user ends, and its on_stop runs."""


class StopTest(Exception):  # noqa: N818
    """The test ends, as by `environment.quit()`: raised anywhere in a user, its `__init__` included."""


class InterruptTaskSet(Exception):  # noqa: N818
    """Leaves the task set; `TaskSet.interrupt()` raises it."""

    def __init__(self, reschedule: bool = True) -> None:
        super().__init__("a task set was to be left, but the user was in none")  # seen where nothing catches it
        self.reschedule = reschedule
        """The task set's owner goes on with its next task at once, without its wait time."""


class RescheduleTask(Exception):  # noqa: N818
    """The next task, after the wait time."""


class RescheduleTaskImmediately(Exception):  # noqa: N818
    """The next task, at once."""


class LocustError(Exception):
    """A locustfile says what cannot be."""


class NoMarkovTasksError(LocustError):
    """A MarkovTaskSet has no task with transitions."""


class InvalidTransitionError(LocustError):
    """A transition leads to what does not exist."""


class NonMarkovTaskTransitionError(LocustError):
    """A transition leads to a task without transitions."""


class MarkovTaskTagError(LocustError):
    """A task of a MarkovTaskSet has tags, which could take a part of the chain away."""


class WebSocketError(Exception):
    """A WebSocket was refused, or broke off: "HandshakeRefused: 403 Forbidden (host:port)"."""

    def __init__(self, what: str, status: int = 0, body: bytes = b"") -> None:
        super().__init__(what)
        self.status = status
        """Of an answer that refused the handshake."""
        self.body = body


class ResponseError(Exception):
    """A status that says so, or no answer at all: what `response.raise_for_status()` raises."""
