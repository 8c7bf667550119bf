"""Locust's statistics entries, right whenever they are read.

What was counted natively is merged into them when somebody looks: at an attribute of an entry, at the dict of all
entries. So those who hold on to one see what they would see with Locust, and a request pays nothing for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final, Protocol

from locust import stats as locust_stats


class Merging(Protocol):
    """The statistics that entries belong to."""

    def merge_pending(self) -> None:
        """Takes over what was counted natively, if anything was."""


class _Merged:
    """An attribute, whose value is in the entry's `__dict__`."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, entry: Any, owner: type | None = None) -> Any:
        if entry is None:
            return self
        values = entry.__dict__
        values["stats"].merge_pending()
        try:
            return values[self._name]
        except KeyError:
            raise AttributeError(self._name) from None

    def __set__(self, entry: Any, value: Any) -> None:
        values = entry.__dict__
        values["stats"].merge_pending()  # or what was counted before would come on top
        values[self._name] = value


class Entry(locust_stats.StatsEntry):
    """Locust's StatsEntry. One that Locust's code has made becomes one by its `__class__`."""

    def add(self, counted: dict[str, Any]) -> None:
        """What was counted natively in one second, as so many calls of log() would have it."""
        values = self.__dict__
        last = values["last_request_timestamp"]
        if values["use_response_times_cache"] and last and (first := min(counted["num_reqs_per_sec"])) > int(last):
            self._cache_response_times(first - 1)
        for name in _SUMS:
            values[name] += counted[name]
        values["start_time"] = min(values["start_time"], counted["start_time"])
        values["last_request_timestamp"] = max(last or 0.0, counted["last_request_timestamp"])
        values["max_response_time"] = max(values["max_response_time"], counted["max_response_time"])
        shortest, others = values["min_response_time"], counted["min_response_time"]
        if others is not None:
            values["min_response_time"] = others if shortest is None else min(shortest, others)
        for name in _TABLES:
            table = values[name]
            for key, count in counted[name].items():
                table[key] = table.get(key, 0) + count

    def begin(self, second: int) -> None:
        """It is new, and its first request was in that second."""
        if self.__dict__["use_response_times_cache"]:
            self.__dict__["response_times_cache"] = OrderedDict()
            self._cache_response_times(second)


_SUMS: Final = (
    "num_requests",
    "num_none_requests",
    "num_failures",
    "total_response_time",
    "total_content_length",
)
_TABLES: Final = ("response_times", "num_reqs_per_sec", "num_fail_per_sec")
_OTHERS: Final = (
    "start_time",
    "last_request_timestamp",
    "max_response_time",
    "min_response_time",
    "response_times_cache",
)
for _name in (*_SUMS, *_TABLES, *_OTHERS):
    setattr(Entry, _name, _Merged(_name))


def made_ours(entry: Any) -> Any:
    """The entry, as one that is right whenever it is read."""
    if type(entry) is locust_stats.StatsEntry and hasattr(entry.stats, "merge_pending"):
        entry.__class__ = Entry
    return entry


class Entries(locust_stats.EntriesDict):
    """Locust's entries by name and method."""

    request_stats: Any

    def _merged(self) -> None:
        self.request_stats.merge_pending()

    def __missing__(self, key: tuple[str, str]) -> Any:
        self[key] = super().__missing__(key)  # type: ignore[no-untyped-call]
        return dict.__getitem__(self, key)

    def __setitem__(self, key: tuple[str, str], value: Any) -> None:
        dict.__setitem__(self, key, made_ours(value))

    def __getitem__(self, key: tuple[str, str]) -> Any:
        self._merged()
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._merged()
        return super().__contains__(key)

    def __iter__(self) -> Iterator[Any]:
        self._merged()
        return super().__iter__()

    def __len__(self) -> int:
        self._merged()
        return super().__len__()

    def __repr__(self) -> str:
        self._merged()
        return super().__repr__()

    def __eq__(self, other: object) -> bool:
        self._merged()
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def get(self, key: Any, default: Any = None) -> Any:
        self._merged()
        return super().get(key, default)

    def keys(self) -> Any:
        self._merged()
        return super().keys()

    def values(self) -> Any:
        self._merged()
        return super().values()

    def items(self) -> Any:
        self._merged()
        return super().items()

    def pop(self, *arguments: Any) -> Any:
        self._merged()
        return super().pop(*arguments)

    def copy(self) -> Any:
        self._merged()
        return super().copy()
