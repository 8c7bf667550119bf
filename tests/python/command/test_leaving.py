"""sys.exit() in a locustfile of Locust's: it ends a run without a master, and only a user of a worker's."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from ..bench import Bench, eventually, opened
from .test_command import katydid, needs_locust, write

pytestmark = needs_locust
LEAVES = """import sys
from locust import User, constant, task
class L(User):
    wait_time = constant(0.1)
    def on_start(self):
        {}
    @task
    def a(self):
        {}
"""


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("asyncio", tmp_path) as bench:
        yield bench


@pytest.mark.parametrize(
    ("call", "code"), [("sys.exit(3)", 3), ("sys.exit('login failed')", 1), ("sys.exit(0)", 0), ("sys.exit()", 0)]
)
@pytest.mark.parametrize("place", ["on_start", "task"])
def test_a_run_without_a_master_ends_with_its_code(tmp_path: pathlib.Path, call: str, code: int, place: str) -> None:
    file = write(tmp_path, "leaves.py", LEAVES.format(*((call, "pass") if place == "on_start" else ("pass", call))))
    options = ("-f", file, "--headless", "-t", "60s")
    begun = time.monotonic()
    own, output = katydid(*options, folder=tmp_path)
    assert time.monotonic() - begun < 40
    done = subprocess.run(
        [sys.executable, "-m", "locust", *options], cwd=tmp_path, capture_output=True, text=True, timeout=100
    )
    assert own == done.returncode == code
    assert f"INFO/katydid.gevent: a task, on_start or on_stop of L called {call}: the test ends\n" in output
    assert ("login failed\n" in output) == ("login failed\n" in done.stderr) == (code == 1)
    assert ("# reqs" in output) == ("# reqs" in done.stderr)


def test_a_worker_goes_on(bench: Bench, tmp_path: pathlib.Path) -> None:
    file = pathlib.Path(write(tmp_path, "leaves.py", LEAVES.format("pass", "sys.exit(3)")))
    master = bench.lab.master(file)
    worker = bench.run("worker", "--worker", "--master-port", master.port, file=file)
    master.wait_for_workers(1)
    master.swarm(2, rate=2, host=bench.target.url)
    line = (
        "a task, on_start or on_stop of L called sys.exit(3): that user ends, and this worker and its other users go on"
    )
    eventually(lambda: worker.output().count(f"ERROR/katydid.gevent: {line}\n") == 2, "both users have left")
    master.stop()
    master.wait_for_workers(1)
    assert worker.alive
