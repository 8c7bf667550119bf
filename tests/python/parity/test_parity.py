"""Locust's vocabulary beside Locust: what the target sees must be the same.

Each file of scenarios/ in Python is a plain locustfile, which Locust runs. For AsyncUser and TrioUser it is rewritten,
and the worker in C++ runs its twin.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
import pathlib
import re
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from recording_target import RecordingTarget, SeenRequest, running
from rewriting import as_coroutines

from ..bench import PYTHONPATH
from ..conftest import ROOT
from ..test_command import needs_locust

SCENARIOS = pathlib.Path(__file__).with_name("scenarios")
PROGRAM = pathlib.Path(os.environ.get("KATYDID_PROGRAM", ROOT / "build" / "release" / "katydid"))
MODES = ["cpp", "asyncio", "trio"]
pytestmark = needs_locust


@pytest.fixture(scope="module")
def target() -> Iterator[RecordingTarget]:
    yield from running()


@dataclasses.dataclass
class Run:
    asked: list[str]
    """The target's requests, in order, without "/hello?"."""
    gaps: list[float]
    """The seconds before each of them."""
    output: str


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


def run(mode: str, scenario: str, target: RecordingTarget, folder: pathlib.Path, *options: str) -> Run:
    file = SCENARIOS / f"{scenario}.py"
    if mode == "cpp":
        command = [str(PROGRAM), "-f", str(SCENARIOS / f"{scenario}.cpp")]
    elif mode == "locust":
        command = [sys.executable, "-m", "locust", "-f", str(file)]
    else:
        rewritten = folder / f"{scenario}.py"
        rewritten.write_text(as_coroutines(file.read_text(), {"asyncio": "AsyncUser", "trio": "TrioUser"}[mode]))
        command = [sys.executable, "-m", "katydid", "-f", str(rewritten)]
    command += ["--headless", "-u", "1", "--host", target.url, *options]
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": PYTHONPATH, "PATH": path, "XDG_CACHE_HOME": str(ROOT / "build")}
    target.take()
    with (folder / f"{mode}.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
        seen = asked_until_quiet(target, process)
        process.terminate()
        process.wait(30)
        seen += target.take()
        log.seek(0)
        output = log.read()
    asked = [re.sub(r"^/\w+(/\d+)?\?", "", each.target) for each in seen]
    gaps = [after.seen_at - before.seen_at for before, after in itertools.pairwise(seen)]
    return Run(asked, gaps, output)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("scenario", "options"),
    [
        ("nesting", ()),
        ("steering", ()),
        ("scheduling", ()),
        ("tagged", ("--tags", "wanted", "--exclude-tags", "not-this")),
        ("stopped", ()),
    ],
)
def test_requests_in_order(
    mode: str, scenario: str, options: tuple[str, ...], target: RecordingTarget, tmp_path: pathlib.Path
) -> None:
    locust = run("locust", scenario, target, tmp_path, *options)
    ours = run(mode, scenario, target, tmp_path, *options)
    assert ours.asked == locust.asked, ours.output
    assert len(ours.asked) > 2
    assert "never" not in ours.asked


@pytest.mark.parametrize("mode", MODES)
def test_exceptions_are_reported(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    output = run(mode, "steering", target, tmp_path).output
    for text in (
        "a task is broken",
        "on_start is broken",
        "it cannot be made",
        "on_stop is broken",
        "main's on_stop is broken",
    ):
        assert text in output


@pytest.mark.parametrize("mode", [*MODES, "locust"])
def test_waits(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    """Each request's name says how long after the one before it comes."""
    ours = run(mode, "waiting", target, tmp_path)
    assert [re.sub(r"-?[\d.]+$", "", each) for each in ours.asked] == [
        "", "", "within", "then", "leave", "pace", "two", "end",
    ]  # fmt: skip
    for name, gap in zip(ours.asked[1:], ours.gaps, strict=True):
        due = {"within-0.4": 0.4, "then-0.2": 0.4, "leave-0": 0.2}.get(name)
        assert due is None or due - 0.02 < gap < due + 0.2, (name, ours.gaps)


@pytest.mark.parametrize("mode", [*MODES, "locust"])
def test_chances(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    asked = run(mode, "chances", target, tmp_path).asked
    counts = {name: int(count) for name, count in (each.split("=") for each in asked)}
    assert list(counts) == ["four", "one", "three", "one_in_four", "start"]
    assert counts["four"] + counts["one"] + counts["three"] >= 4000
    for name, share in {"four": 1 / 2, "one": 1 / 8, "three": 3 / 8, "one_in_four": 1 / 5, "start": 4 / 5}.items():
        # Five times the standard deviation; a walk's choices hang together, but these ones hardly.
        assert abs(counts[name] - 4000 * share) < 5 * (4000 * share * (1 - share)) ** 0.5 + 5, counts


@pytest.mark.parametrize("mode", MODES)
def test_events(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    def events_of(output: str) -> tuple[list[str], list[str]]:
        """In order, but for one: users begin while the test is still told that all have started."""
        told = [line.removeprefix("EVENT ") for line in output.splitlines() if line.startswith("EVENT ")]
        return [each for each in told if "spawning" not in each], [each for each in told if "spawning" in each]

    locust = events_of(run("locust", "events", target, tmp_path).output)
    ours = run(mode, "events", target, tmp_path).output
    ordered, spawning = events_of(ours)
    assert "\n".join(ordered) == "\n".join(locust[0])
    assert spawning == locust[1]
    assert len(locust[0]) > 30
    assert "a listener is broken" in ours


@pytest.mark.parametrize("mode", MODES)
def test_own_arguments(
    mode: str, target: RecordingTarget, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARITY_WORD", "of a variable")
    options = ("--items", "7", "-x", "2.5", "--fast", "--kind=b")

    def told(mode: str) -> list[str]:
        done = run(mode, "arguments", target, tmp_path, *options)
        return [*done.asked, *(line for line in done.output.splitlines() if line.startswith("EVENT "))]

    assert told(mode) == told("locust") == ["7", "EVENT 7 2.5 of a variable unsaid", "EVENT 1 0 b"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--help",), "How many items to buy"),
        (("--items", "many"), "many"),
        (("--kind", "c"), "choose from"),
        (("--unknown", "1"), "unrecognized arguments"),
    ],
)
def test_own_arguments_that_are_wrong(
    mode: str, options: tuple[str, ...], words: str, target: RecordingTarget, tmp_path: pathlib.Path
) -> None:
    done = run(mode, "arguments", target, tmp_path, *options)
    assert words in done.output
    assert not done.asked
