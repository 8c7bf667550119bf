"""Data that users are fed with: `accounts = CsvFeeder("accounts.csv", order="once")`, and `next(accounts)` in a task.

They serve users of asyncio and Trio, and Locust's.
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from .. import _native, chance
from ..exceptions import StopTest, StopUser

Row = TypeVar("Row")


class Feeder(Generic[Row]):
    """An iterator over the rows of a file, for all users of the process. Each test begins anew.

    The file is not loaded, whatever its size. It is looked for in the working directory, then beside the Python file
    that makes the feeder. `order` says which row is next:

    - "sequential": one after another; each worker goes through all of them.
    - "random": any of them, each time.
    - "once": each row once in a test. The workers divide the rows among them: of so many as `workers` says, the one
      with worker_index 0 gets the first, and so on. Without `workers` it is the number of the master's
      --expect-workers. A worker beyond that number gets no rows.

    `at_end` says what comes after the last row: "wrap" begins anew, "stop_user" ends the user as StopUser does,
    "stop_test" ends the test as StopTest does. Without it "once" is "stop_user", and the others are "wrap".
    """

    def __init__(self, native: Any, file: str, order: str) -> None:
        self._native = native
        self._file = file
        self._random = order == "random"
        _follow_locust()

    def __iter__(self) -> Feeder[Row]:
        return self

    def __next__(self) -> Row:
        row = self._native.take(chance.random() if self._random else 0.0)
        if row is None:
            _stop(f"{self._file}: all rows of this worker have been given" if self._native.stops_test else None)
        return self._row(row)

    def __len__(self) -> int:
        """The number of rows in the file."""
        return len(self._native)

    def _row(self, taken: Any) -> Row:
        raise NotImplementedError


class CsvFeeder(Feeder[dict[str, str]]):
    """The rows of a CSV file (RFC 4180, UTF-8), as dictionaries of text.

    Its first line has the names of the columns, unless they are given. RuntimeError, with the line, for what is no CSV
    and for rows with more or fewer fields than columns.
    """

    def __init__(
        self,
        file: str,
        *,
        order: str = "sequential",
        at_end: str | None = None,
        workers: int | None = None,
        separator: str = ",",
        columns: Sequence[str] = (),
    ) -> None:
        path = _find(file, sys._getframe(1).f_globals.get("__file__"))
        super().__init__(_native.CsvFeeder(path, order, at_end, workers or 0, separator, list(columns)), file, order)

    def _row(self, taken: Any) -> dict[str, str]:
        row: dict[str, str] = taken
        return row


class JsonLinesFeeder(Feeder[Any]):
    """The values of a file that has one JSON value on each line.

    RuntimeError, with the line, for what is no JSON, when its turn comes.
    """

    def __init__(
        self, file: str, *, order: str = "sequential", at_end: str | None = None, workers: int | None = None
    ) -> None:
        path = _find(file, sys._getframe(1).f_globals.get("__file__"))
        super().__init__(_native.JsonLinesFeeder(path, order, at_end, workers or 0), file, order)

    def _row(self, taken: Any) -> Any:
        return taken[0]


def _find(file: str, locustfile: str | None) -> str:
    if pathlib.Path(file).exists() or locustfile is None:
        return str(file)
    beside = pathlib.Path(locustfile).resolve().parent / file
    if not beside.exists():
        raise FileNotFoundError(f"there is no file {file}, in the working directory or in {beside.parent}")
    return str(beside)


_environment: Any = None
"""Locust's, of the test that runs."""
_following = False


def _follow_locust() -> None:
    """In a process of Locust's, its event says when a test begins, and for which worker."""
    global _following
    locust = sys.modules.get("locust")
    if locust is not None and not _following:
        _following = True
        locust.events.test_start.add_listener(_begin)


def _begin(environment: Any, **_: Any) -> None:
    global _environment
    _environment = environment
    is_worker = type(environment.runner).__name__ == "WorkerRunner"
    expected = getattr(environment.parsed_options, "expect_workers", 1)
    _native.begin_data(environment.runner.worker_index if is_worker else -1, expected or 1)


def _stop(why: str | None) -> None:
    """Ends the user that asks; the whole test for a reason."""
    locust = sys.modules.get("locust")
    if locust is None:
        raise StopTest(why) if why else StopUser
    if why and _environment is not None:
        _environment.runner.quit()
    raise locust.exception.StopUser(why or "")
