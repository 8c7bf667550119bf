"""deploy/goals.py: thresholds and the search for the limit under a real master, for a fleet of several kinds."""

from __future__ import annotations

import pathlib
import re
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import limited_server
import pytest
from harness.releases import releases
from harness.table import last_table
from ports import free_port

from ..bench import PYTHONPATH, Bench, opened
from ..conftest import ROOT
from .test_arrivals import POOL, start
from .test_find_max import assert_limit_found

GOALS = ROOT / "deploy" / "goals.py"
FLEET = ("cpp", "asyncio", "gevent")


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("asyncio", tmp_path) as bench:
        yield bench


def run(bench: Bench, url: str, workers: tuple[str, ...], users: int, *options: Any, arrival_rate: str = "") -> Any:
    """A master without its web UI, and its workers."""
    printed = bench.printed(POOL.with_suffix(".py"))
    port = free_port()
    user_class = "Buyer" if arrival_rate else "Paced"
    master = bench.lab.run("master", [
        bench.lab.locust, "--master", "--headless", "--only-summary", "-f", f"{printed},{GOALS}", "-H", url,
        "-u", users, "-r", users, "--expect-workers", max(1, len(workers)), "--master-bind-port", port,
        *options, user_class,
    ])  # fmt: skip
    rates = ["--arrival-rate", f"Buyer={arrival_rate}"] if arrival_rate else []
    started = [start(bench, mode, user_class, "--worker", "--master-port", port, *rates) for mode in workers]
    return master, started


@pytest.mark.long
def test_the_limit_of_a_server_is_found_by_a_fleet(bench: Bench) -> None:
    with limited_server.running(300) as server:
        master, workers = run(
            bench, f"http://127.0.0.1:{server.port}", FLEET, 60, "--find-max", "p50 < 200ms, fail_ratio < 1%",
            "--find-max-start", 200, "--find-max-step", 2, arrival_rate="200",
        )  # fmt: skip
        assert master.wait(300) == 0, master.output()
        for worker in workers:
            assert worker.wait(30) == 0, worker.output()
        output = master.output()
        assert last_table(output)["/hello"][0] == server.requests
    assert_limit_found(output, 300)
    for worker in workers:
        assert "katydid_rate_factor" not in worker.output()


def test_a_condition_fails_a_test_of_a_fleet_and_may_end_it(bench: Bench) -> None:
    limits = ["--fail-if", "p50(GET /hello) > 5s", "--fail-if", "fails > 0"]
    master, workers = run(bench, bench.target.url, ("cpp", "asyncio"), 4, "-t", "4s", *limits)
    assert master.wait(60) == 0, master.output()
    master, workers = run(bench, bench.target.url, ("cpp",), 2, "--fail-if", "requests(/hello) > 10 abort")
    assert master.wait(60) == 1, master.output()
    assert "--fail-if requests(/hello) > 10 abort: it is" in master.output()
    assert "so the test stops" in master.output()
    assert workers[0].wait(30) == 0
    master, workers = run(bench, bench.target.url, ("cpp",), 2, "--fail-if", "requests < 1000000")
    before = bench.target.completed
    while bench.target.completed < before + 20:
        time.sleep(0.1)
    master.signal(signal.SIGTERM)
    assert master.wait(60) == 1
    seen = re.search(r"--fail-if requests < 1000000: it is (\d+)", master.output())
    assert seen
    assert int(seen[1]) == bench.target.completed - before, "what workers still had was waited for"


@pytest.mark.parametrize("whose", ["locust", "katydid"])
def test_plain_users_are_judged_without_a_master(bench: Bench, whose: str) -> None:
    program = [bench.lab.locust] if whose == "locust" else [sys.executable, "-m", "katydid.gevent"]
    program += ["-f", f"{POOL.with_name('pool_plain.py')},{GOALS}", "--headless", "--only-summary", "Buyer"]
    users = ["-u", 12, "-r", 12, "-H", bench.target.url]
    for options, code in ((["-t", "2s", "--fail-if", "fails > 0"], 0), (["--fail-if", "requests > 10 abort"], 1)):
        process = bench.lab.run(whose, [*program, *users, *options], {"PYTHONPATH": PYTHONPATH})
        assert process.wait(60) == code, process.output()
        assert ("so the test stops" in process.output()) == bool(code)


@pytest.mark.parametrize("release", releases())
def test_what_can_not_be_a_goal_is_said_at_once(bench: Bench, release: str) -> None:
    bench.lab.release = release
    if not bench.lab.locust.exists():
        pytest.skip(f"Locust {release} is installed by tools/setup --tests")
    for options, why in (
        (["--fail-if", "p99 > 200"], "expected a time with its unit, such as 200ms or 1.5s, not '200'"),
        (["--find-max", "p95 < 300ms"], "--find-max needs --find-max-start"),
    ):
        master, _ = run(bench, bench.target.url, (), 1, *options)
        assert master.wait(60) == 1
        assert why in master.output()
