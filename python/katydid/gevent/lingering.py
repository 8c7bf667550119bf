"""Requests that are under way when their greenlet is killed: they go on to their end before it goes on to its own."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import gevent
from gevent import get_hub, getcurrent
from greenlet import GreenletExit

from katydid import _native


class Lingering:
    """What is left of a test when its users are stopped.

    A user that is stopped has sent something that the target will answer and count. So a kill waits, a little, for the
    end of the request that it comes in; what takes longer is cut off and listed in the log.
    """

    STOP_LIMIT = 1.0
    """Seconds that requests under way are given when users stop."""
    QUIT_LIMIT = 0.3
    """The same when the master quits: it waits half a second for the last report."""
    LEAST = 0.1
    """What a request gets even where users are killed late, as the process was held up."""

    def __init__(self) -> None:
        self.limit = self.STOP_LIMIT
        self.until = math.inf
        """When a stop that is under way has to be over."""
        self.cut_off: Counter[str] = Counter()
        self.under_way: set[Unbroken] = set()
        """Of greenlets that were killed."""
        self.to_be_judged: dict[object, Unbroken] = {}
        """Of those, what is left to the task's `with` block, by the response."""
        self._answered: dict[_native.Exchange, Unbroken] = {}

    def outlast(self, exchange: _native.Exchange, error: BaseException) -> BaseException | None:
        """Whatever ends the wait for an exchange ends the request, but for a kill: None where there is an answer.

        Then `finish()` goes on with it.
        """
        unsent = exchange.waits and exchange.previous is None  # for another one's connection
        if unsent or not isinstance(error, GreenletExit):
            exchange.cancel()
            return error
        hub, greenlet = get_hub(), getcurrent()
        request = Unbroken(exchange.method, exchange.name, error)
        if "throw" in greenlet.__dict__:  # a part of one that is cut off
            exchange.cancel()
            self.cut_off[request.what] += 1
            return error
        try:
            with request:
                exchange.hand_over(lambda _exchange: greenlet.switch())
                while exchange.under_way:
                    hub.switch()
        except BaseException as ended:
            if exchange.under_way:
                exchange.cancel()
                if ended is not error:  # a time limit of the task's own
                    self.cut_off[request.what] += 1
                return error
        self._answered[exchange] = request
        return None

    def finish(self, exchange: _native.Exchange, conclude: Callable[..., Any], *rest: Any) -> Any:
        """What `conclude` makes of an answer; where the greenlet was killed, before that ends."""
        request = self._answered.pop(exchange, None) if self._answered else None
        if request is None:
            return conclude(exchange, *rest)
        with request:
            response = conclude(exchange, *rest)
            return request.leave_to(response) if exchange.catches else response

    def broken_off(self) -> None:
        """The request of this greenlet was sent in part: if its end is an exception for the task, nobody counts it."""
        request = getattr(getcurrent().__dict__.get("throw"), "__self__", None)
        if isinstance(request, Unbroken):
            request.is_broken_off = True

    def wait(self) -> None:
        """Until there are none left, which takes no longer than the limit says."""
        here, until = getcurrent(), time.monotonic() + self.limit + 0.1
        while any(each.greenlet is not here for each in self.under_way) and time.monotonic() < until:
            gevent.sleep(0.01)

    def take_cut_off(self, most_names: int = 10) -> str:
        """Those since the last time, as the workers of the other languages list them."""
        total = self.cut_off.total()
        listed = ", ".join(f"{what} {count}" for what, count in self.cut_off.most_common(most_names))
        more = f" and {len(self.cut_off) - most_names} more names" if len(self.cut_off) > most_names else ""
        self.cut_off.clear()
        return f"{total} {'request was' if total == 1 else 'requests were'} cut off at stop: {listed}{more}"


lingering = Lingering()


class Unbroken:
    """A request of the current greenlet, with all that it takes: redirects, a second try, its count.

    A kill waits for its end, for as long as `lingering.limit` says: GreenletExit is raised then. Nothing else is held
    back: a gevent.Timeout ends it at once. A block in another one is a part of that.
    """

    def __init__(self, method: object, name: object, killed: GreenletExit | None = None) -> None:
        self.greenlet: Any = None
        self.what = f"{method} {name}"
        self.is_broken_off = False
        self._killed = killed
        self._until = 0.0
        self._timer: Any = None
        self._response: Any = None

    def __enter__(self) -> Unbroken:
        greenlet = getcurrent()
        if "throw" not in greenlet.__dict__:
            self.greenlet = greenlet
            greenlet.__dict__["throw"] = self._throw
            if self._killed is not None:
                self._limit()
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if self.greenlet is None or self._response is not None:
            return
        self._release()
        if self._killed is None:
            if self.is_broken_off and error is not None:
                lingering.cut_off[self.what] += 1
        elif not isinstance(error, GreenletExit):
            raise self._killed

    def leave_to(self, response: Any) -> Any:
        """The task judges this one. If it is killed already, it does so before it ends."""
        if self._killed is not None and self.greenlet is not None:
            self._response = response
            lingering.to_be_judged[response] = self
        return response

    def judged(self) -> None:
        """By the task."""
        self._response = None
        self.__exit__(None, None, None)

    def _throw(self, *what: Any) -> None:
        """In place of the greenlet's own throw()."""
        error = what[0]() if isinstance(what[0], type) and issubclass(what[0], GreenletExit) else what[0]
        if not isinstance(error, GreenletExit):
            type(self.greenlet).throw(self.greenlet, *what)
        elif self._killed is None:
            self._killed = error
            self._limit()

    def _limit(self) -> None:
        now = time.monotonic()
        self._until = self._until or min(now + lingering.limit, max(now + lingering.LEAST, lingering.until))
        self._timer = get_hub().loop.timer(max(0.0, self._until - now))
        self._timer.start(self._cut_off)
        lingering.under_way.add(self)

    def _cut_off(self) -> None:
        greenlet, response = self.greenlet, self._response
        if response is not None:
            self._response = None
            del lingering.to_be_judged[response]
            self._release()
        if response is None or not response._entered:  # else its `with` block sees the kill
            lingering.cut_off[self.what] += 1
        type(greenlet).throw(greenlet, self._killed)

    def _release(self) -> None:
        del self.greenlet.__dict__["throw"]
        self.greenlet = None
        lingering.under_way.discard(self)
        if self._timer is not None:
            self._timer.close()
            self._timer = None
