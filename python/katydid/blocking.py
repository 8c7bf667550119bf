"""Finds what blocks the loop: a library that waits without `await`, or a task that computes for long."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from types import FrameType

from . import _native

logger = logging.getLogger("katydid.blocking")
_interval = 0.05
_here = __file__.rpartition("/")[0]


class BlockingWatch:
    """A thread that looks at the loop's engine, which is turned fifty times a second at least.

    Where it was not for `limit` seconds, what the loop's thread does at that moment is what blocks it: a line in the
    log names it, once for each place.
    """

    def __init__(self, engine: _native.Engine, limit: float = 0.2) -> None:
        self._engine = engine
        self._limit = limit
        self._watched = threading.get_ident()
        self._told: set[tuple[str, int]] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="katydid-blocking", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        turn, since = self._engine.turn, time.monotonic()
        looked = since
        while not self._ended.wait(_interval):
            now = time.monotonic()
            had_no_turn = now - looked >= self._limit  # nor had the loop: the process was suspended, or has no core
            looked = now
            if self._engine.turn != turn or had_no_turn:
                turn, since = self._engine.turn, now
            elif now - since >= self._limit:
                self._tell()

    def _tell(self) -> None:
        frame = sys._current_frames().get(self._watched)
        if frame is None:
            return
        inner, task = _places(frame)
        place = (inner.f_code.co_filename, inner.f_lineno)
        if place in self._told or len(self._told) > 100:
            return
        self._told.add(place)
        stack = "".join(traceback.format_stack(inner)[-6:])
        logger.warning(
            "The loop is blocked by %s, %s:%d, for %.1f s already. All users of this process wait meanwhile, and their "
            "response times come out too long. Await the slow call, or run it in a thread (asyncio.to_thread, "
            "trio.to_thread.run_sync).\n%s",
            task.f_code.co_name, task.f_code.co_filename, task.f_lineno, self._limit, stack,
        )  # fmt: skip


def _places(frame: FrameType) -> tuple[FrameType, FrameType]:
    """The innermost frame, and the outermost one that is the locustfile's: the task."""
    task = frame
    each: FrameType | None = frame
    while each is not None:
        code = each.f_code
        if code.co_filename.startswith(_here) and code.co_name in ("_run_tasks", "_work", "_stop"):
            break
        task = each
        each = each.f_back
    else:
        task = frame
    return frame, task
