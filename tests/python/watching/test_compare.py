"""katydid compare: its files, its answers, its codes."""

from __future__ import annotations

import json
import pathlib
import random
import subprocess
import sys
from typing import Any

import pytest


def compare(*words: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "katydid", "compare", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def run_of(file: pathlib.Path, seed: int, slower: float = 1, failing: int = 0, name: str = "/") -> pathlib.Path:
    """What Locust's --json prints of half a minute."""
    chance = random.Random(seed)
    times: dict[str, int] = {}
    seconds = {}
    total = 0.0
    for second in range(30):
        seconds[str(1_790_000_000 + second)] = count = 100 + chance.randint(-5, 5)
        for _ in range(count):
            time = slower * 40 * chance.lognormvariate(0, 0.3)
            total += time
            times[str(round(time))] = times.get(str(round(time)), 0) + 1
    entry = {
        "name": name, "method": "GET", "num_requests": sum(seconds.values()), "num_none_requests": 0,
        "num_failures": 30 * failing, "total_response_time": total, "response_times": times,
        "num_reqs_per_sec": seconds, "num_fail_per_sec": dict.fromkeys(seconds, failing),
    }  # fmt: skip
    file.write_text(json.dumps([entry]))
    return file


def side(folder: pathlib.Path, first: int, **what: Any) -> list[pathlib.Path]:
    return [run_of(folder / f"{first + i}.json", first + i, **what) for i in range(5)]


def test_equal_runs_are_the_same(tmp_path: pathlib.Path) -> None:
    before, after = side(tmp_path, 10), side(tmp_path, 20)
    done = compare(*before, "--with", *after, "--fail-if-worse", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No difference beyond noise." in done.stdout
    assert done.stdout.count("requests)") == 10
    done = compare(*before, "--json", "--with", *after)
    told = json.loads(done.stdout)
    assert told["verdict"] == "same"
    assert [each["measure"] for each in told["entries"][0]["measures"]] == [
        "requests/s", "mean", "p50", "p95", "p99", "failed",
    ]  # fmt: skip


def test_what_is_worse_fails_where_that_is_asked_for(tmp_path: pathlib.Path) -> None:
    before, after = side(tmp_path, 10), side(tmp_path, 20, slower=1.1)
    assert compare(*before, "--with", *after).returncode == 0
    done = compare(*before, "--with", *after, "--fail-if-worse", "5%")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Worse: mean +" in done.stdout
    assert compare(*before, "--with", *after, "--fail-if-worse", "30%").returncode == 0
    assert compare(*after, "--with", *before, "--fail-if-worse", "0").returncode == 0  # that is better


def test_failures_are_worse_from_one_run_a_side(tmp_path: pathlib.Path) -> None:
    done = compare(run_of(tmp_path / "a.json", 1), run_of(tmp_path / "b.json", 2, failing=3), "--fail-if-worse", "1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "failed +" in done.stdout
    assert "--json has times of the whole run only" in done.stdout


def test_what_cannot_be_judged_is_no_success(tmp_path: pathlib.Path) -> None:
    files = [run_of(tmp_path / "a.json", 1), run_of(tmp_path / "b.json", 2)]
    assert compare(*files).returncode == 0
    assert compare(*files, "--fail-if-worse", "5").returncode == 2


def test_names_of_one_side_are_told(tmp_path: pathlib.Path) -> None:
    done = compare(run_of(tmp_path / "a.json", 1, name="/old"), run_of(tmp_path / "b.json", 2, name="/new"))
    assert "Note: GET /old: only in the runs before." in done.stdout
    assert "Note: GET /new: only in the runs after." in done.stdout


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["a.json"], "expected two files, or files before and after --with"),
        (["a.json", "b.json", "--skip", "x"], "expected a time span"),
        (["a.json", "b.json", "--fail-if-worse", "much"], "expected a number"),
        (["a.json", "b.json"], "a.json: there is no such file, or it can't be read"),
        (["--with", "b.json"], "expected files before --with"),
    ],
)
def test_errors_say_what_to_do(words: list[str], error: str) -> None:
    done = compare(*words)
    assert done.returncode == 2
    assert done.stderr.startswith("katydid compare: error: ")
    assert error in done.stderr
