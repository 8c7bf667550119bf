"""Tasks that begin at a rate, whatever their users wait for: in all modes, alone and under a real master."""

from __future__ import annotations

import json
import os
import pathlib
import re
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import stalling_server
from harness.table import last_table

from ..bench import HERE, PYTHONPATH, Bench, eventually, opened

POOL = HERE / "locustfiles" / "pool"
MODES = ["cpp", "asyncio", "trio"]
SLOW_TO_START = """
import time

from locust import FastHttpUser, constant, task

end = time.perf_counter() + 2
while time.perf_counter() < end:
    pass


class Asking(FastHttpUser):
    wait_time = constant(0.1)

    @task
    def ask(self):
        self.client.get("/hello")
"""


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("asyncio", tmp_path) as bench:
        yield bench


def start(bench: Bench, mode: str, *options: Any) -> Any:
    """A program with users of that mode."""
    if mode == "cpp":
        return bench.lab.run("katydid", [bench.lab.katydid, "-f", POOL.with_suffix(".cpp"), *options])
    if mode == "gevent":
        plain = POOL.with_name("pool_plain.py")
        command = [sys.executable, "-m", "katydid.gevent", "-f", plain, *options]
        return bench.lab.run(mode, command, {"PYTHONPATH": PYTHONPATH})
    environment = {"TEST_LOOP": mode, "PYTHONPATH": PYTHONPATH}
    return bench.lab.run(mode, [sys.executable, "-m", "katydid", "-f", POOL.with_suffix(".py"), *options], environment)


def alone(bench: Bench, mode: str, url: str, users: int, seconds: int, *options: str) -> Any:
    process = start(
        bench, mode, "--headless", "--only-summary", "-u", users, "-r", users, "-t", f"{seconds}s", "-s", "5",
        "-H", url, "--processes", 1, *options,
    )  # fmt: skip
    assert process.wait(120) == 0
    return process


@pytest.mark.parametrize("mode", MODES)
def test_a_rate_is_held(bench: Bench, mode: str) -> None:
    process = alone(bench, mode, bench.target.url, 30, 4, "Buyer", "--arrival-rate=Buyer=300", "--report-service-time")
    table = last_table(process.output())
    requests, failures = table["/hello"]
    dropped = table.get("Buyer", (0, 0))[0]
    assert failures == 0
    assert requests == table["Aggregated"][0] == bench.target.completed_of("/hello")
    assert requests == table["/hello [service]"][0]
    assert 1180 <= requests + dropped <= 1230
    assert dropped < 60, "only where this machine stood still"


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_stands_still_is_found_out(bench: Bench, mode: str) -> None:
    """Of 200 a second that come in the second in which it does, 100 find a user, and wait for its end; the others are
    dropped. So of 900 in each period 1 % wait for more than 0.955 s."""
    with stalling_server.running() as server:
        process = alone(bench, mode, f"http://127.0.0.1:{server.port}", 100, 12, "Buyer", "--arrival-rate=Buyer=200")
        table = last_table(process.output())
        requests, _ = table["/hello"]
        assert requests == server.requests
    dropped, _ = table["Buyer"]
    assert dropped == pytest.approx(200, abs=16)
    assert requests + dropped == pytest.approx(2400, abs=24)
    assert f"{dropped} tasks were dropped, as no user was free: Buyer {dropped}" in process.output()
    assert "Tasks of user class Buyer are dropped, because no user is free" in process.output()
    row = re.search(r"^GET +/hello +(.*)$", process.output().split("percentiles")[1], re.MULTILINE)
    assert row
    median, _, _, _, p90, _, _, p99, *_ = (float(cell) for cell in row[1].split())
    assert median < 20
    # 200 of 2,200 wait, from 500 to 1,000 ms: the slowest tenth begins where the quick ones end.
    assert p99 == pytest.approx(945, rel=0.03)
    assert p90 < 600


@pytest.mark.parametrize("mode", [*MODES, "gevent"])
@pytest.mark.parametrize("name", ["Leaving", "Half"])
def test_a_rate_is_no_other_where_users_leave(bench: Bench, mode: str, name: str) -> None:
    """A task set after each task, or themselves, half of them in on_start."""
    url = bench.target.url
    process = start(
        bench, mode, "--headless", "--only-summary", "-u", 8, "-r", 8, "-t", "4s", "-s", "5", "-H", url,
        f"--arrival-rate={name}=40", name,
    )  # fmt: skip
    assert process.wait(60) == 0, process.output()
    table = last_table(process.output())
    requests = table["/hello"][0]
    assert requests == bench.target.completed
    assert 115 <= requests + table.get(name, (0, 0))[0] <= 172


@pytest.mark.parametrize("mode", ["cpp", "asyncio"])
def test_a_rate_without_users_is_refused(bench: Bench, mode: str) -> None:
    options = [
        "--headless",
        "-t",
        "2s",
        "-H",
        bench.target.url,
        "--arrival-rate",
        "Buyer=5",
        "--arrival-rate",
        "Half=5",
    ]
    process = start(bench, mode, *options, "-u", 1, "Buyer", "Half")
    assert process.wait(60) != 0
    assert re.search("user class (Buyer|Half) has an arrival rate and none of the 1 users", process.output())
    process = start(bench, mode, *options, "-u", 4, "Buyer", "Half", "--fail-if", "dropped(Byer) > 0")
    assert process.wait(60) != 0
    assert "--fail-if dropped(Byer): no user class of this test has that name and an arrival rate" in process.output()
    assert bench.target.completed == 0


@pytest.mark.parametrize("mode", MODES)
def test_users_share_a_total_throughput(bench: Bench, mode: str) -> None:
    process = alone(bench, mode, bench.target.url, 12, 4, "Paced")
    requests, _ = last_table(process.output())["/hello"]
    assert requests == bench.target.completed_of("/hello")
    assert 190 <= requests <= 216, "50 a second by twelve users"


@pytest.mark.parametrize("mode", MODES)
def test_a_condition_fails_a_run_and_may_end_it(bench: Bench, mode: str) -> None:
    options = ["--headless", "-u", 2, "-r", 2, "-H", bench.target.url, "--processes", 1, "Paced"]
    well = start(bench, mode, *options, "-t", "2s", "--fail-if", "p50(GET /hello) > 5s", "--fail-if", "fails > 0")
    assert well.wait(60) == 0
    begin = time.monotonic()
    failed = start(bench, mode, *options, "-t", "60s", "--fail-if", "requests(/hello) > 10 abort")
    assert failed.wait(60) == 1
    assert time.monotonic() - begin < 30
    assert "--fail-if requests(/hello) > 10 abort: it is" in failed.output()
    wrong = start(bench, mode, *options, "--fail-if", "p99 > 200")
    assert wrong.wait(60) == 2
    assert "expected a time with its unit, such as 200ms or 1.5s, not '200'" in wrong.output()


def plain(bench: Bench, url: str, users: int, seconds: int, name: str, rate: int) -> dict[str, Any]:
    """The entries of a run of users on gevent."""
    report = bench.lab.folder / "report"
    process = start(
        bench, "gevent", "--headless", "--only-summary", "-u", users, "-r", users, "-t", f"{seconds}s", "-s", "5",
        "-H", url, "--json-file", report, f"--arrival-rate={name}={rate}", name,
    )  # fmt: skip
    assert process.wait(60) == 0, process.output()
    entries = {entry["name"]: entry for entry in json.loads(report.with_suffix(".json").read_text())}
    entries.setdefault(name, {"num_requests": 0, "method": "DROPPED"})
    assert entries[name]["method"] == "DROPPED"
    return entries


def lasted(entries: dict[str, Any], run_time: float) -> float:
    """Seconds of requests: the time of a run that Locust counts begins before the first user. The clock on the wall may
    have been set meanwhile."""
    hello = entries["/hello"]
    return min(run_time, float(hello["last_request_timestamp"] - hello["start_time"]))


def test_plain_users_begin_tasks_at_a_rate(bench: Bench) -> None:
    entries = plain(bench, bench.target.url, 30, 4, "Buyer", 300)
    requests, dropped = entries["/hello"]["num_requests"], entries["Buyer"]["num_requests"]
    assert requests == bench.target.completed_of("/hello")
    assert requests + dropped == pytest.approx(300 * lasted(entries, 4), rel=0.06)
    assert requests > 450
    assert dropped < 120, "only where this machine stood still"


def test_a_pool_of_plain_users_that_is_too_small_drops_tasks(bench: Bench) -> None:
    with stalling_server.running() as server:
        entries = plain(bench, f"http://127.0.0.1:{server.port}", 100, 12, "Buyer", 200)
        requests, dropped = entries["/hello"]["num_requests"], entries["Buyer"]["num_requests"]
        assert requests == server.requests
    assert dropped == pytest.approx(200, abs=20)
    assert requests + dropped == pytest.approx(200 * lasted(entries, 12), rel=0.04)


@pytest.mark.parametrize("name", ["Buyer", "ByRequests"])
def test_plain_requests_count_from_when_their_task_was_due(bench: Bench, name: str) -> None:
    """A third of the time nothing runs, for half a second each, and what is due then waits for its end."""
    report = bench.lab.folder / "report"
    process = start(
        bench, "gevent", "--headless", "--only-summary", "-u", 60, "-r", 60, "-t", "6s", "-s", "5",
        "-H", bench.target.url, "--json-file", report, f"--arrival-rate={name}=40", name, "Blocker",
        "--config-users", json.dumps([{"user_class_name": "Blocker", "fixed_count": 1}]),
    )  # fmt: skip
    assert process.wait(60) == 0, process.output()
    (entry,) = (each for each in json.loads(report.with_suffix(".json").read_text()) if each["method"] == "GET")
    assert entry["num_requests"] == bench.target.completed
    late = sum(count for time, count in entry["response_times"].items() if 100 < float(time) <= 520)
    assert late / entry["num_requests"] == pytest.approx(4 / 15, abs=0.12)


def test_tasks_of_a_plain_task_set_begin_when_they_are_due(bench: Bench) -> None:
    entries = plain(bench, bench.target.url, 10, 3, "Nested", 100)
    begun = entries["/hello"]["num_requests"] + entries["/basket"]["num_requests"]
    assert begun == bench.target.completed
    assert entries["/basket"]["num_requests"] > 75
    assert begun + entries["Nested"]["num_requests"] == pytest.approx(100 * lasted(entries, 3), rel=0.1)


def test_a_slow_start_of_plain_users_is_no_part_of_the_run_time(bench: Bench) -> None:
    file = bench.lab.folder / "slow.py"
    file.write_text(SLOW_TO_START)
    command = [sys.executable, "-m", "katydid.gevent", "-f", file, "--headless", "-t", "2s", "-H", bench.target.url]
    assert bench.lab.run("gevent", command, {"PYTHONPATH": PYTHONPATH}).wait(60) == 0
    assert bench.target.completed >= 8, "ten a second"


def test_a_wrong_rate_says_so(bench: Bench) -> None:
    for mode in [*MODES, "gevent"]:
        wrong = start(bench, mode, "--headless", "--arrival-rate", "Buyer=20x")
        assert wrong.wait(120) != 0
        assert "argument --arrival-rate: invalid value 'Buyer=20x': '20x' is no rate" in wrong.output()
        unknown = start(bench, mode, "--headless", "Buyer", "--arrival-rate", "Seller=20")
        assert unknown.wait(120) != 0
        assert "there is no user class Seller; the locustfile has these: Buyer" in unknown.output()


def test_a_fleet_holds_a_rate_while_workers_and_users_come_and_go(bench: Bench) -> None:
    """Also over all of it, changes included: to 0.5 % in the minute that it takes with KATYDID_LONG_TESTS."""
    seconds, all_of_it = (11, 0.005) if "KATYDID_LONG_TESTS" in os.environ else (4, 0.05)
    master = bench.master("Buyer", file=POOL.with_suffix(".py"), options=["--enable-rebalancing"])
    options = ["Buyer", "--worker", "--master-port", master.port, "--arrival-rate", "Buyer=200"]
    workers = [start(bench, mode, *options) for mode in ("cpp", "asyncio", "gevent")]
    master.wait_for_workers(3)

    def held() -> None:
        before, begin = bench.target.completed, time.monotonic()
        time.sleep(seconds)
        rate = (bench.target.completed - before) / (time.monotonic() - begin)
        assert rate == pytest.approx(200, rel=0.05)

    def running(count: int) -> None:
        eventually(lambda: [w["state"] for w in master.now()["workers"]] == ["running"] * count, f"{count} workers run")

    master.swarm(40, rate=40, host=bench.target.url)
    master.wait_for_users(40)
    running(3)
    before, begin = bench.target.completed, time.monotonic()
    held()
    workers.append(start(bench, "trio", *options))
    running(4)
    eventually(lambda: min(w["user_count"] for w in master.now()["workers"]) >= 10, "the fourth has its users")
    held()
    master.swarm(70, rate=10)  # the ramp takes 3 s of these
    held()
    master.wait_for_users(70)
    running(4)
    held()
    workers[0].signal(signal.SIGTERM)
    assert workers[0].wait() == 0
    running(3)
    eventually(lambda: master.users == 70, "the others have its users")
    held()
    rate = (bench.target.completed - before) / (time.monotonic() - begin)
    print(f"held {rate:.2f}/s")
    assert rate == pytest.approx(200, rel=all_of_it)
    master.stop()
    master.wait_for_workers(3)
    eventually(lambda: master.entries()["/hello"]["num_requests"] == bench.target.completed, "all are counted")
