"""One user's or listener's exception, whatever it is, never ends a worker.

Locust catches what derives from Exception. What does not, such as the SystemExit of sys.exit(), gevent hands to the
main greenlet, which ends the process without a last report. Without a master that is what sys.exit() is for.
"""

from __future__ import annotations

import logging
from typing import Any

import gevent
from greenlet import GreenletExit
from locust.event import EventHook
from locust.runners import WorkerRunner
from locust.user import users
from locust.user.task import TaskSet

from katydid.texts import message_of, shown, trace_of

logger = logging.getLogger("katydid.gevent")

_PASSES = (Exception, GreenletExit, KeyboardInterrupt)
"""Locust's to catch, the end of a greenlet, and a signal: whatever runs at that moment gets it."""


def guard_users() -> None:
    """The user that raises ends, and is on the page of exceptions. sys.exit() ends a process without a master."""
    run = users.User.run
    if getattr(run, "__module__", "") == __name__:
        return

    def guarded(self: Any) -> None:
        try:
            run(self)  # type: ignore[no-untyped-call]
        except _PASSES:
            raise
        except BaseException as error:
            said = message_of(error)
            if isinstance(error, SystemExit):
                code = "" if error.code is None else shown(error.code)
                said = f"a task, on_start or on_stop of {type(self).__name__} called sys.exit({code})"
                if not isinstance(self.environment.runner, WorkerRunner):
                    logger.info("%s: the test ends", said)
                    raise
                said += ": that user ends, and this worker and its other users go on"
            logger.error("%s\n%s", said, trace_of(error))
            listed: Any = error if _text(error) else RuntimeError(message_of(error))
            self.environment.events.user_error.fire(user_instance=self, exception=listed, tb=error.__traceback__)

    sleep = TaskSet._sleep

    def guarded_sleep(self: Any, seconds: float) -> None:
        if seconds != seconds:  # gevent would wake up again and again
            raise ValueError("the wait time is nan, no number")
        sleep(self, seconds)  # type: ignore[no-untyped-call]

    TaskSet._sleep = guarded_sleep  # type: ignore[method-assign]
    users.User.run = guarded  # type: ignore[method-assign, misc]


def _text(error: BaseException) -> str | None:
    """None where it can't be had."""
    try:
        return str(error)
    except BaseException:
        return None


class _GuardedHook(EventHook):
    def fire(self, *, reverse: bool = False, **kwargs: Any) -> None:
        handlers = self._handlers[::-1] if reverse else self._handlers.copy()
        for handler in handlers:
            one = EventHook()
            one.add_listener(handler)
            try:
                one.fire(**kwargs)
            except (*_PASSES, gevent.Timeout):
                raise
            except BaseException as error:
                logger.error("Uncaught exception in event handler: %s\n%s", message_of(error), trace_of(error))


class _GuardedErrors(_GuardedHook):
    """Those of user_error get an exception whose text can be had."""

    def fire(self, *, reverse: bool = False, **kwargs: Any) -> None:
        error = kwargs.get("exception")
        if isinstance(error, BaseException) and _text(error) is None:
            kwargs["exception"] = RuntimeError(message_of(error))
        super().fire(reverse=reverse, **kwargs)


def guard_listeners(events: Any) -> None:
    """Of a worker's events; `init` may end it, as nothing was done yet, and `request` is a user's own."""
    for name, hook in vars(events).items():
        if type(hook) is EventHook and name not in ("init", "request"):
            hook.__class__ = _GuardedErrors if name == "user_error" else _GuardedHook
