"""Locust's statistics with the counting done natively.

`RequestStats` is what `environment.stats` is. Requests are counted in C++, and merged into Locust's own entries when
somebody looks at them: a report to the master, the console, the web interface, a locustfile. Failures are Locust's own
code, with the exceptions as they are.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from greenlet import GreenletExit
from locust import stats as locust_stats
from locust.event import EventHook

from katydid import _native
from katydid.texts import sendable

from .entries import Entries, made_ours
from .lingering import lingering

if TYPE_CHECKING:
    from locust.env import Environment

logger = logging.getLogger("katydid.gevent")

MANY_NAMES: Final = 10_000
"""So many entries are worth a line in the log. There is no limit: Locust has none."""
_LONGEST: Final = 2.0**63
_SEEN: Final = frozenset(("request_meta", "_request_event", "_report_request"))
"""Of a response: whoever has looked at one of these may have changed what is reported."""


class _Replaceable:
    """What counting natively stands in for, and whether it is still what Locust had there."""

    def __init__(self) -> None:
        self._places = [
            (locust_stats, "bucket_response_time"),
            (locust_stats, "StatsEntry"),
            (locust_stats, "EntriesDict"),
            (locust_stats.StatsEntry, "log"),
            (locust_stats.StatsEntry, "_log_time_of_request"),
            (locust_stats.StatsEntry, "_log_response_time"),
            (locust_stats.RequestStats, "log_request"),
        ]
        self._originals = [getattr(owner, name, None) for owner, name in self._places]

    def is_original(self) -> bool:
        return all(
            getattr(owner, name, None) is original
            for (owner, name), original in zip(self._places, self._originals, strict=True)
        )


_replaceable = _Replaceable()
_recorders: WeakSet[RequestRecorder] = WeakSet()


class _Watched(ModuleType):
    """The module locust.stats: a locustfile may replace the function that rounds response times, at any time."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        for recorder in list(_recorders):
            recorder.arm()


def watch() -> None:
    """Recorders hear of what is set in locust.stats."""
    locust_stats.__class__ = _Watched


class RequestStats(locust_stats.RequestStats):
    """Locust's RequestStats; its numbers are right whenever they are read."""

    def __init__(self, use_response_times_cache: bool = True) -> None:
        self._merges = True
        self._told = False
        self._metrics: _native.Metrics | None = None
        self.native = self._counter(use_response_times_cache)
        super().__init__(use_response_times_cache=use_response_times_cache)

    @staticmethod
    def _counter(by_second: bool) -> _native.Statistics:
        native = _native.Statistics("locust", bounded=False, report_phases=report_phases)
        if by_second:
            native.keep_seconds()
        return native

    def __getstate__(self) -> dict[str, Any]:
        self.merge_pending()
        return {name: value for name, value in self.__dict__.items() if name != "native"} | {"_metrics": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.native = self._counter(self.use_response_times_cache)

    def show_in(self, metrics: _native.Metrics) -> None:
        """All that is counted from now on is shown there, too."""
        self._metrics = metrics
        self.native.show_in(metrics)

    @property
    def total(self) -> Any:
        """Locust's entry "Aggregated"."""
        return self._total

    @total.setter
    def total(self, value: Any) -> None:
        self._total = made_ours(value)

    @property
    def entries(self) -> Any:
        """Locust's entries, by name and method."""
        return self._entries

    @entries.setter
    def entries(self, value: Any) -> None:
        if type(value) is locust_stats.EntriesDict and not value:
            value = Entries(self)  # type: ignore[no-untyped-call]
        self._entries = value

    def merge_pending(self) -> None:
        """Takes over what was counted natively, if anything was."""
        if self._merges and self.native.pending:
            self.merge()

    def merge(self) -> None:
        """Takes over what was counted natively."""
        entries = self._entries
        for taken in self.native.take_seconds():
            for counted in taken["stats"]:
                key = counted["name"], counted["method"]
                entry = dict.get(entries, key)
                if entry is None:
                    entry = entries[key]
                    entry.begin(int(counted["start_time"]))
                entry.add(counted)
            if taken["stats_total"]["num_requests"]:  # or all that happened is in no total
                self._total.add(taken["stats_total"])
        self._tell_of_many()

    def _tell_of_many(self) -> None:
        if not self._told and dict.__len__(self._entries) > MANY_NAMES:
            self._told = True
            logger.warning(
                "More than %d different request names. Each has statistics of its own, here and at the master. Give "
                'the requests of one kind one name, e.g. name="/items/[id]".',
                MANY_NAMES,
            )

    @contextmanager
    def _as_it_is(self) -> Iterator[None]:
        """Locust's own code adds to entries, which needs none of what was counted natively."""
        self._merges = False
        try:
            yield
        finally:
            self._merges = True

    def log_request(self, method: str, name: str, response_time: Any, content_length: Any) -> None:
        """One request, as a listener of the event gets it."""
        if _replaceable.is_original():
            try:
                self.native.record(method, name, response_time, content_length)
                return
            except (TypeError, ValueError):
                pass  # a plugin's own ideas of what a name, a time or a length is
        if isinstance(response_time, int | float) and not -_LONGEST < response_time < _LONGEST:
            raise ValueError(f"response_time={response_time!r} is no number of milliseconds")
        self.merge_pending()
        with self._as_it_is():
            super().log_request(method, name, response_time, content_length)
        if self._metrics is not None:
            self._show(self._metrics, method, name, response_time, content_length)

    @staticmethod
    def _show(metrics: _native.Metrics, method: str, name: str, response_time: Any, content_length: Any) -> None:
        try:
            metrics.record(sendable(str(method)), sendable(str(name)), response_time, content_length)
        except (TypeError, ValueError):  # a time or a length that is none: it is a request all the same
            metrics.record(sendable(str(method)), sendable(str(name)), None, 0)

    def log_error(self, method: str, name: str, error: Exception | str | None) -> None:
        """One failure; the request itself was logged before."""
        with self._as_it_is():
            super().log_error(method, name, error)
        if self._metrics is not None:
            text = locust_stats.StatsError.parse_error(error)
            self._metrics.failure(sendable(str(method)), sendable(str(name)), sendable(text))
        self._tell_of_many()

    def reset_all(self) -> None:
        """All numbers to zero."""
        self.native.clear()
        super().reset_all()

    def clear_all(self) -> None:
        """No entries and no errors."""
        self.native.clear()
        self._told = False
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
        _recorders.add(self)
        environment.events.test_start.add_listener(self.arm)

    def arm(self, **_kwargs: Any) -> None:
        """Finds the quickest way to count."""
        stats: Any = self.environment.stats
        is_ours = type(stats).log_request is RequestStats.log_request and "log_request" not in vars(stats)
        native = is_ours and _replaceable.is_original()
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
        except (TypeError, ValueError):  # a plugin's own ideas of what a name, a time or a length is
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
    """Counts what a task has judged in a `with` block as a success; False: Locust's own code has to see to it."""
    if exc is not None or not succeeded or not _SEEN.isdisjoint(response.__dict__):
        return False
    exchange: _native.Exchange = response._exchange
    exchange.session._report(exchange, response)
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
        "url": exchange.first.asked.url,
        "response_length": exchange.length,
    }


report_phases = False
"""Whether the phases of requests are entries, too."""

always_by_event = False
"""The `request` event is fired even where only Locust listens."""


def record_natively(environment: Environment) -> None:
    """Puts a RequestRecorder in the place of the listener that the runner has just made."""
    watch()
    handlers = environment.events.request._handlers
    for position, handler in enumerate(handlers):
        if getattr(handler, "__qualname__", "") == "Runner.__init__.<locals>.on_request":
            handlers[position] = (EventRecorder if always_by_event else RequestRecorder)(environment)
