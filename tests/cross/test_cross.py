"""The wheel that tools/cross built, under qemu and a real master on this machine: tools/cross --check.

What the worker in C++ does there, the conformance tests show, which are given that program.
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python" / "masters"))
from cut_off import cut_off
from fixtures import processes, target
from harness.table import last_table
from harness.target import Target
from real_master import LOCUSTFILES, Processes, ended
from recording_target import RecordingTarget
from test_masters import answered

__all__ = ["processes", "target"]  # fixtures

ROOT = pathlib.Path(__file__).resolve().parents[2]
PYTHON = os.environ.get("KATYDID_CROSS_PYTHON", "")
"""Runs the other machine's interpreter, which finds what is in the wheel."""
PROGRAM = os.environ.get("KATYDID_CROSS_PROGRAM", "")
"""Runs the wheel's worker in C++, which its command `katydid` starts where the kernel can."""
TARGET = pathlib.Path(os.environ.get("KATYDID_TARGET", ROOT / "build" / "release" / "katydid-target"))
EXAMPLES = ["asyncio_shop.py", "bodies.py", "feeders.py", "open_workload.py", "hello.cpp"]

pytestmark = pytest.mark.skipif(not PYTHON, reason="no wheel: tools/cross --check names one")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


def test_it_is_the_other_machines() -> None:
    script = "import json, platform, sys, katydid._native as n; print(json.dumps([platform.machine(), n.__file__]))"
    done = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=True)
    machine, extension = json.loads(done.stdout)
    assert machine == "aarch64"
    assert extension.endswith("-aarch64-linux-gnu.so")


@pytest.mark.parametrize("file", ["mixed_gevent.py", "mixed_asyncio.py", "mixed_trio.py"])
def test_nothing_is_lost_under_a_master(target: RecordingTarget, processes: Processes, file: str) -> None:
    """By a stop: a master that quits waits half a second for the last report, which is little for what is emulated."""
    web = ("--web-host", "127.0.0.1", "--web-port", str(processes.web_port))
    master = processes.master("mixed_gevent.py", target.url, *web)
    command = [PYTHON, "-m", "katydid", "-f", str(LOCUSTFILES / file), "--worker"]
    worker = processes.start([*command, "--master-port", str(processes.port)], "worker")
    processes.wait_until("master", "1 workers connected", 90)
    processes.web("/swarm", user_count=8, spawn_rate=8, host=target.url)
    target.wait_for(300, 60)
    processes.stop_test()
    time.sleep(6)  # the last report follows within three seconds
    stats = json.loads(processes.web("/stats/requests"))["stats"]
    counted = {f"{entry['method'] or ''} {entry['name']}".strip(): entry["num_requests"] for entry in stats}
    assert counted == answered(target, processes.text("worker"))
    assert counted["Aggregated"] >= 300
    master.signal(signal.SIGTERM)
    ended(master)
    assert ended(worker, 60) == 0


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_counts_what_the_target_does(tmp_path: pathlib.Path, processes: Processes, example: str) -> None:
    target = Target(TARGET, "target", tmp_path)
    processes.started.append(target)
    in_python = example.endswith(".py")
    command = [PYTHON, "-m", "katydid"] if in_python else [PROGRAM]
    command += ["-f", str(ROOT / "examples" / ("python" if in_python else "") / example)]
    load = ["--headless", "--only-summary", "-u", "8", "-r", "8", "-t", "6s", "-s", "5", "--host", target.url]
    run = processes.start([*command, *load], "run")
    assert ended(run, 120) == 0, processes.text("run")
    requests, failures = last_table(processes.text("run"))["Aggregated"]
    assert failures == 0
    assert 30 < requests == target.completed - cut_off(processes.text("run"))
