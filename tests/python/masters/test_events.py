"""Events between a worker and a real master, in C++ and as coroutines; Locust's own worker is the measure."""

from __future__ import annotations

import json
import pathlib
import re
import sys
import urllib.request
from collections import Counter

import pytest
from harness.wait import eventually
from real_master import LOCUST, LOCUSTFILES, PROGRAM, Processes, ended
from recording_target import RecordingTarget
from rewriting import as_coroutines

PACKAGE = [sys.executable, "-m", "katydid"]
MODES = {"locust": LOCUST, "cpp": [PROGRAM], "asyncio": PACKAGE, "trio": PACKAGE}


def locustfile(name: str, mode: str, folder: pathlib.Path) -> pathlib.Path:
    """A plain one, or what stands for it in that mode."""
    file = LOCUSTFILES / f"{name}.{'cpp' if mode == 'cpp' else 'py'}"
    if mode not in ("asyncio", "trio"):
        return file
    rewritten = folder / f"{name}.py"
    rewritten.write_text(as_coroutines(file.read_text(), {"asyncio": "AsyncUser", "trio": "TrioUser"}[mode]))
    return rewritten


@pytest.mark.parametrize("mode", MODES)
def test_reports_heartbeats_and_the_exit_code(
    mode: str, target: RecordingTarget, processes: Processes, tmp_path: pathlib.Path
) -> None:
    file = locustfile("reporting", mode, tmp_path)
    options = ["--headless", "-u", "4", "-r", "4", "-t", "11s", "--only-summary", "--expect-workers", "1"]
    master = processes.master("reporting_master.py", target.url, *options)
    worker = processes.worker(str(file), "worker", MODES[mode])
    assert ended(worker, 90) == 7
    assert ended(master) == 0
    output = processes.text("worker")
    assert len(re.findall("^HEARTBEAT True True$", output, re.M)) >= 5
    assert re.findall("^USAGE True True$", output, re.M)
    assert re.findall("^SPAWNED (.*)$", output, re.M) == ["4"]
    found = re.search("^ADDED ([0-9]+) (.*)$", processes.text("master"), re.M)
    assert found
    assert found.group(2) == "{(True, True)}"
    asked = len(target.take())
    assert int(found.group(1)) == processes.totals()["Aggregated"]
    assert asked - 4 <= int(found.group(1)) <= asked


@pytest.mark.parametrize("mode", MODES)
def test_the_class_picker_changes_classes(
    mode: str, target: RecordingTarget, processes: Processes, tmp_path: pathlib.Path
) -> None:
    """Host and tasks of a class are the worker's to change, its weight and count the master's."""

    def change(**settings: object) -> None:
        url, body = f"http://127.0.0.1:{processes.web_port}/user", json.dumps(settings).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 201

    def run(**users: int) -> set[str]:
        """What was asked until all users had started."""
        seen: list[str] = []

        def started() -> bool:
            seen.extend(request.target.partition("?")[2] for request in target.take())
            started = all(seen.count(name) == count for name, count in users.items())
            return started and {"second", "third"} <= set(seen)

        target.take()
        processes.web("/swarm", user_count=8, spawn_rate=8, host="")
        eventually(started, f"{users} of 8 users start; the target saw {Counter(seen)}")
        processes.stop_test()
        eventually(stopped, "the test stops")
        return set(seen)

    def stopped() -> bool:
        state: str = json.loads(processes.web("/stats/requests"))["state"]
        return state == "stopped"

    web = ["--class-picker", "--web-host", "127.0.0.1", "--web-port", str(processes.web_port)]
    processes.master("picked.py", target.url, *web)
    processes.worker(str(locustfile("picked", mode, tmp_path)), "worker", MODES[mode])
    eventually(lambda: has_worker(processes), "the master has its worker", 60)
    change(user_class_name="Picked", host=target.url, weight=3, tasks=["second"])
    change(user_class_name="Other", host=target.url)
    assert run(Picked=6, Other=2) == {"Picked", "Other", "second", "third"}
    change(user_class_name="Other", fixed_count=1)
    assert run(Picked=7, Other=1) == {"Picked", "Other", "second", "third"}


def has_worker(processes: Processes) -> bool:
    try:
        count: int = json.loads(processes.web("/worker-count"))["worker_count"]
    except OSError:
        return False
    return count == 1
