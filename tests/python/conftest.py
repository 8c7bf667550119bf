"""The embedded target, and an engine that the tests turn by hand."""

from __future__ import annotations

import os
import pathlib
import re
import select
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from disturbance import pytest_runtest_protocol, pytest_terminal_summary
from katydid import _native

__all__ = ["pytest_runtest_protocol", "pytest_terminal_summary"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = pathlib.Path(os.environ.get("KATYDID_TARGET", ROOT / "build" / "release" / "katydid-target"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes a minute and more begins first, so that no worker waits for it in the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def target() -> Iterator[str]:
    """The URL of a target that answers as the path says."""
    process = subprocess.Popen([TARGET, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    while not (found := re.search(r"listens on (http://\S+)", line := process.stdout.readline())):
        assert line, "the target ended before it listened"
    yield found.group(1)
    process.terminate()
    process.wait()


@pytest.fixture(params=["io_uring", "epoll"])
def engine(request: pytest.FixtureRequest) -> Iterator[_native.Engine]:
    try:
        engine = _native.Engine(request.param)
    except (RuntimeError, OSError) as error:
        pytest.skip(f"no {request.param} here: {error}")
    yield engine
    engine.close()


@pytest.fixture
def run(engine: _native.Engine) -> Callable[..., None]:
    """Hosts the engine, by its descriptor alone, until a condition holds."""

    def run(condition: Callable[[], object], seconds: float = 10.0) -> None:
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            assert left > 0, "it did not happen in time"
            if select.select([engine.fileno()], [], [], left)[0]:
                engine.poll()

    return run
