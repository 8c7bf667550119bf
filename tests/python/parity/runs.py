"""Runs a scenario in Locust, in C++, on asyncio or on Trio, and tells what the target saw."""

from __future__ import annotations

import dataclasses
import itertools
import os
import pathlib
import re
import subprocess
import sys
import time

from recording_target import RecordingTarget, SeenRequest
from rewriting import as_coroutines

from ..bench import PYTHONPATH
from ..conftest import ROOT

SCENARIOS = pathlib.Path(__file__).with_name("scenarios")
PROGRAM = pathlib.Path(os.environ.get("KATYDID_PROGRAM", ROOT / "build" / "release" / "katydid"))
MODES = ["cpp", "asyncio", "trio"]


@dataclasses.dataclass
class Run:
    asked: list[str]
    """The target's requests, in order, without "/hello?"."""
    gaps: list[float]
    """The seconds before each of them."""
    output: str


def program(mode: str, scenario: str, folder: pathlib.Path, scenarios: pathlib.Path = SCENARIOS) -> list[str]:
    file = scenarios / f"{scenario}.py"
    if mode == "cpp":
        return [str(PROGRAM), "-f", str(scenarios / f"{scenario}.cpp")]
    if mode == "locust":
        return [sys.executable, "-m", "locust", "-f", str(file)]
    rewritten = folder / f"{scenario}_coroutines.py"
    rewritten.write_text(as_coroutines(file.read_text(), {"asyncio": "AsyncUser", "trio": "TrioUser"}[mode]))
    return [sys.executable, "-m", "katydid", "-f", str(rewritten)]


def surroundings() -> dict[str, str]:
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    return {**os.environ, "PYTHONPATH": PYTHONPATH, "PATH": path, "XDG_CACHE_HOME": str(ROOT / "build")}


def asked_until_quiet(target: RecordingTarget, process: subprocess.Popen[bytes]) -> list[SeenRequest]:
    """Until nothing has been asked for two seconds: then a scenario has come to its end."""
    seen: list[SeenRequest] = []
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        seen += target.take()
        if seen and time.monotonic() > seen[-1].seen_at + 2:
            break
        time.sleep(0.05)
    return seen


def run(
    mode: str,
    scenario: str,
    target: RecordingTarget,
    folder: pathlib.Path,
    *options: str,
    scenarios: pathlib.Path = SCENARIOS,
    host: bool = True,
) -> Run:
    """Without `host`, users have the one of their class."""
    command = [*program(mode, scenario, folder, scenarios), "--headless", "-u", "1"]
    command += [*(["--host", target.url] if host else []), *options]
    target.take()
    with (folder / f"{mode}.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, env=surroundings(), stdout=log, stderr=subprocess.STDOUT)
        seen = asked_until_quiet(target, process)
        process.terminate()
        process.wait(30)
        seen += target.take()
        log.seek(0)
        output = log.read()
    asked = [re.sub(r"^/\w+(/\d+)?\?", "", each.target) for each in seen]
    gaps = [after.seen_at - before.seen_at for before, after in itertools.pairwise(seen)]
    return Run(asked, gaps, output)


def told(output: str) -> list[str]:
    return [line.removeprefix("EVENT ") for line in output.splitlines() if line.startswith("EVENT ")]
