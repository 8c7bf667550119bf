"""Locust's statistics with the counting done natively.

`RequestStats` is what `environment.stats` is. Requests are counted in C++, and merged into Locust's own entries when
somebody looks at them: a report to the master, the console, the web interface, a locustfile. Failures are Locust's own
code, with the exceptions as they are.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from time import perf_counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from greenlet import GreenletExit
from locust import stats as locust_stats
from locust.event import EventHook

from katydid import _native

from .lingering import lingering

if TYPE_CHECKING:
    from locust.env import Environment

_bucket: Callable[..., Any] | None = getattr(locust_stats, "bucket_response_time", None)


def _rounds_as_ever() -> bool:
    """Locust lets a locustfile replace the function that rounds response times."""
    return getattr(locust_stats, "bucket_response_time", None) is _bucket


class RequestStats(locust_stats.RequestStats):
    """Locust's RequestStats; its numbers are right whenever they are read."""

    def __init__(self, use_response_times_cache: bool = True) -> None:
        self.native = _native.Statistics("locust")
        self._total: Any = None
        self._entries: Any = {}
        super().__init__(use_response_times_cache=use_response_times_cache)

    @property
    def total(self) -> Any:
        """Locust's entry "Aggregated"."""
        self.merge()
        return self._total

    @total.setter
    def total(self, value: Any) -> None:
        self._total = value

    @property
    def entries(self) -> Any:
        """Locust's entries, by name and method."""
        self.merge()
        return self._entries

    @entries.setter
    def entries(self, value: Any) -> None:
        self._entries = value

    def merge(self) -> None:
        """Takes over what was counted natively."""
        taken = self.native.take()
        if not taken["stats"]:
            return
        for counted in taken["stats"]:
            self._entries[counted["name"], counted["method"]].extend(SimpleNamespace(**counted))
        self._total.extend(SimpleNamespace(**taken["stats_total"]))

    def log_request(self, method: str, name: str, response_time: Any, content_length: Any) -> None:
        """One request, as a listener of the event gets it."""
        if _rounds_as_ever():
            try:
                self.native.record(method, name, response_time, content_length)
                return
            except TypeError:
                pass  # a plugin's own ideas of what a name or a length is
        super().log_request(method, name, response_time, content_length)

    def log_error(self, method: str, name: str, error: Exception | str | None) -> None:
        """One failure; the request itself was logged before."""
        self._total.log_error(error)
        self._entries[name, method].log_error(error)
        key = locust_stats.StatsError.create_key(method, name, error)
        found = self.errors.get(key)
        if found is None:
            found = self.errors[key] = locust_stats.StatsError(method, name, error)
        found.occurred()

    def reset_all(self) -> None:
        """All numbers to zero."""
        self.native.clear()
        super().reset_all()

    def clear_all(self) -> None:
        """No entries and no errors."""
        self.native.clear()
        super().clear_all()


class RequestRecorder(_native.Listener):
    """Locust's own listener of the `request` event, in place of the one that its runner makes.

    While it is the only one, clients record successes by `record` or by the same in C++, without the event.
    """

    record: Callable[[str, str, float | None, int], None]
    """Counts a request that succeeded: method, name, milliseconds, length."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.needs_no_event = type(self) is RequestRecorder
        self.arm()
        environment.events.test_start.add_listener(self.arm)

    def arm(self, **_kwargs: Any) -> None:
        """Finds the quickest way to count."""
        stats: Any = self.environment.stats
        native = isinstance(stats, RequestStats) and _rounds_as_ever()
        self.statistics = stats.native if native else None
        self.record = stats.native.record if native else stats.log_request

    def __call__(
        self,
        request_type: str,
        name: str,
        response_time: Any,
        response_length: Any,
        exception: Exception | None = None,
        **_kwargs: Any,
    ) -> None:
        try:
            self.record(request_type, name, response_time, response_length)
        except TypeError:  # a plugin's own ideas of what a name or a length is
            self.environment.stats.log_request(request_type, name, response_time, response_length)
        if exception:
            self.environment.stats.log_error(request_type, name, exception)


class EventRecorder(RequestRecorder):
    """Always gets its requests by the event."""


def sole_recorder(event: Any) -> RequestRecorder | None:
    """The one who listens to the `request` event, where nobody else does and successes need no event."""
    handlers = event._handlers
    return handlers[0] if len(handlers) == 1 and type(handlers[0]) is RequestRecorder else None


def record_judged(response: Any, exc: Any, succeeded: bool) -> bool:
    """Counts what a task has judged in a `with` block, where only Locust listens; False: the event has to say it."""
    recorder = sole_recorder(response._request_event)
    if exc is not None or recorder is None or "request_meta" in response.__dict__ or not succeeded:
        return False
    exchange: _native.Exchange = response._exchange
    recorder.record(exchange.method, exchange.name, exchange.milliseconds, exchange.length)
    return True


def list_unjudged(response: Any, exc: Any) -> None:
    """A task that is killed in its `with` block has not said how its request counts: that is listed as cut off."""
    if exc is not None and issubclass(exc, GreenletExit) and response._manual_result is None:
        lingering.cut_off["{request_type} {name}".format(**response.request_meta)] += 1


def end_judged(response: Any) -> None:
    """At the end of its `with` block: a task that was killed before it goes on to its end now."""
    request = lingering.to_be_judged.pop(response, None) if lingering.to_be_judged else None
    if request is not None:
        request.judged()


def judge(error: Exception) -> None:
    """Has Locust's own `fire()` see to an exception of a listener: raises it, or logs it."""

    def listener(**_kwargs: Any) -> None:
        raise error

    event = EventHook()
    event.add_listener(listener)
    event.fire()


def meta_of(response: Any) -> dict[str, Any]:
    """What the event is fired with, of a response that is made when somebody looks."""
    exchange: _native.Exchange = response._exchange
    user = exchange.session.user
    context = exchange.context or {}
    return {
        "request_type": exchange.method,
        "response_time": exchange.milliseconds,
        "name": exchange.name,
        "context": {**user.context(), **context} if user else context,
        "response": response,
        "exception": None,
        "start_time": time.time() - perf_counter() + exchange.started,
        "url": exchange.asked.url,
        "response_length": exchange.length,
    }


always_by_event = False
"""The `request` event is fired even where only Locust listens."""


def record_natively(environment: Environment) -> None:
    """Puts a RequestRecorder in the place of the listener that the runner has just made."""
    handlers = environment.events.request._handlers
    for position, handler in enumerate(handlers):
        if getattr(handler, "__qualname__", "") == "Runner.__init__.<locals>.on_request":
            handlers[position] = (EventRecorder if always_by_event else RequestRecorder)(environment)
