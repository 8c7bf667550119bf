"""Events between a worker and a real master, in C++ and as coroutines; Locust's own worker is the measure."""

from __future__ import annotations

import pathlib
import re
import sys

import pytest
from real_master import LOCUST, LOCUSTFILES, PROGRAM, Processes, ended
from recording_target import RecordingTarget
from rewriting import as_coroutines

PACKAGE = [sys.executable, "-m", "katydid"]
MODES = {"locust": LOCUST, "cpp": [PROGRAM], "asyncio": PACKAGE, "trio": PACKAGE}


@pytest.mark.parametrize("mode", MODES)
def test_reports_heartbeats_and_the_exit_code(
    mode: str, target: RecordingTarget, processes: Processes, tmp_path: pathlib.Path
) -> None:
    file = LOCUSTFILES / ("reporting.cpp" if mode == "cpp" else "reporting.py")
    if mode in ("asyncio", "trio"):
        text = as_coroutines(file.read_text(), {"asyncio": "AsyncUser", "trio": "TrioUser"}[mode])
        file = tmp_path / "reporting.py"
        file.write_text(text)
    options = ["--headless", "-u", "4", "-r", "4", "-t", "7s", "--only-summary", "--expect-workers", "1"]
    master = processes.master("reporting_master.py", target.url, *options)
    worker = processes.worker(str(file), "worker", MODES[mode])
    assert ended(worker, 90) == 7
    assert ended(master) == 0
    output = processes.text("worker")
    assert len(re.findall("^HEARTBEAT True True$", output, re.M)) >= 5
    assert mode == "locust" or re.findall("^USAGE True True$", output, re.M)
    assert re.findall("^SPAWNED (.*)$", output, re.M) == ["4"]
    found = re.search("^ADDED ([0-9]+) (.*)$", processes.text("master"), re.M)
    assert found
    assert found.group(2) == "{(True, True)}"
    asked = len(target.take())
    assert int(found.group(1)) == processes.totals()["Aggregated"]
    assert asked - 4 <= int(found.group(1)) <= asked
