"""A server of the tests in a process of its own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def running(command: Sequence[object], ask: Callable[[], object], **options: Any) -> Iterator[None]:
    """From when it answers, i.e. `ask` raises no OSError any more. `options` are those of Popen."""
    process = subprocess.Popen([str(word) for word in command], **options)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                ask()
                break
            except OSError:
                assert process.poll() is None, "the server has ended"
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()
