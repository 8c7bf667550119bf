"""Users of asyncio and Trio, driven by a real master; what the master counts is what the target completed."""

from __future__ import annotations

import pathlib
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from .bench import Bench, eventually, opened


@pytest.fixture(params=["asyncio", "trio"])
def bench(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened(request.param, tmp_path) as bench:
        yield bench


EVENTS = 2  # that the locustfile reports as requests of a test: test_start and test_stop


@pytest.mark.parametrize("stop_timeout", [0, 5])
def test_nothing_is_lost_at_stop(bench: Bench, stop_timeout: int) -> None:
    master, worker = bench.start("EagerUser", count=50, options=["--stop-timeout", str(stop_timeout)])
    time.sleep(1.5)
    master.stop()
    master.wait_for_workers(1)
    time.sleep(3.5)
    now = master.now()
    bench.check(now["total"], worker, EVENTS)
    assert now["total"]["num_failures"] == 0
    entries = master.entries()
    assert entries["start"]["num_requests"] == entries["stop"]["num_requests"] == 50
    assert entries["/hello"]["num_requests"] > 2 * entries["/delay/30"]["num_requests"] > 0
    assert {"test_start", "test_stop"} <= set(entries)
    assert "cut off" not in worker.output()


def test_users_that_have_stopped_leave_no_connection_open(bench: Bench) -> None:
    master, _ = bench.start("EagerUser", count=20)
    for _ in range(2):
        master.wait_for_requests(200)
        master.stop()
        master.wait_for_workers(1)
        counts: dict[str, int] = {}

        def none_is_open(counts: dict[str, int] = counts) -> bool:
            counts.update(bench.target.counts())
            return counts["connections"] >= 20 and counts["connections"] == counts["connections_closed"]

        eventually(none_is_open, f"no connection is open: {counts}", timeout=5)
        master.swarm(20, rate=20, host=bench.target.url)


def test_nothing_is_lost_at_quit(bench: Bench) -> None:
    run = f"-u 50 -r 50 -t 3s --host {bench.target.url} --expect-workers 1"
    master = bench.master("BusyUser", run=run)
    worker = bench.worker(master)
    final = master.final(timeout=90)
    assert worker.wait() == 0
    assert final["total"]["num_requests"] > 1000
    bench.check(final["total"], worker, EVENTS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_is_lost_at_a_signal(bench: Bench, number: signal.Signals) -> None:
    master, worker = bench.start("BusyUser", count=30)
    time.sleep(1)
    worker.signal(number)
    assert worker.wait() == 0
    eventually(lambda: "quit." in master.output(), "the master hears that the worker quits")
    master.wait_for_state("stopped")
    bench.check(master.now()["total"], worker, EVENTS)


def test_what_is_cut_off_is_listed(bench: Bench) -> None:
    master, worker = bench.start("StubbornUser", count=7)
    eventually(lambda: bench.target.counts()["started"] == 14, "seven endless requests are on their way")
    master.stop()
    worker.wait_for_output(r"7 requests were cut off at stop.*/delay/60000")
    eventually(lambda: bench.target.counts()["aborted"] == 7, "the target saw them end")
    eventually(lambda: master.requests == 7 + EVENTS, "the other seven are counted")


def test_users_come_and_go_while_it_runs(bench: Bench) -> None:
    master, worker = bench.start("EagerUser", "HalfwayUser", count=40)
    for users in 10, 60, 5, 30:
        master.swarm(users, rate=100)
        master.wait_for_users(users)
        time.sleep(0.3)
    master.stop()
    master.wait_for_workers(1)
    time.sleep(3.5)
    entries = master.entries()
    naps = entries["nap"]["num_requests"] + entries["bad nap"]["num_requests"]
    assert naps > 0
    assert entries["nap"]["num_failures"] == 0
    assert entries["bad nap"]["num_failures"] == entries["bad nap"]["num_requests"]
    bench.check(master.now()["total"], worker, EVENTS + naps)


def test_an_exception_reaches_the_master_with_its_traceback(bench: Bench) -> None:
    master, worker = bench.start("RaisingUser", count=2)
    eventually(lambda: master.exceptions(), "the master has the exception")
    (exception,) = master.exceptions()
    assert exception["msg"] == "broken on purpose"
    assert 'users.py", line' in exception["traceback"]
    assert "in raises" in exception["traceback"]
    assert "running.py" not in exception["traceback"]
    assert "ValueError: broken on purpose" in worker.output()
    eventually(lambda: master.exceptions()[0]["count"] > 4, "users go on after an exception")


def test_responses_are_judged_by_the_task(bench: Bench) -> None:
    master, _ = bench.start("JudgingUser", count=3)
    master.wait_for_requests(30)
    master.stop()
    time.sleep(0.5)
    entries = master.entries()
    assert entries["bad"]["num_failures"] == entries["bad"]["num_requests"] > 0
    assert entries["good"]["num_failures"] == entries["echo"]["num_failures"] == 0
    assert master.exceptions() == []


def test_task_sets_nest_and_end(bench: Bench) -> None:
    master = bench.master("SetsUser")
    bench.worker(master)
    master.wait_for_workers(1)
    master.swarm(5, rate=5, host=bench.target.url)
    eventually(lambda: master.entries().get("in order", {}).get("num_requests") == 5, "each user went through its sets")
    assert master.exceptions() == []


def test_a_user_leaves_the_task_sets_that_it_is_stopped_in(bench: Bench) -> None:
    master, worker = bench.start("LeavingUser", count=3)
    eventually(lambda: master.entries().get("in it", {}).get("num_requests") == 3, "all are in the inner one")
    master.stop()
    each_once = {"in it": 3, "inner on_stop": 3, "outer on_stop": 3, "user's on_stop": 3}
    eventually(lambda: requests_of(master) == each_once, "on_stop of each is called, once")
    (exception,) = master.exceptions()
    assert (exception["msg"], exception["count"]) == ("on_stop is broken", 3)
    assert "in on_stop of Inner, user class LeavingUser" in exception["traceback"]
    bench.check(master.now()["total"], worker, EVENTS)


def test_a_user_that_leaves_no_task_set_goes_on(bench: Bench) -> None:
    master, _ = bench.start("LostUser", count=2)
    eventually(lambda: master.exceptions() and master.exceptions()[0]["count"] > 4, "users go on")
    (exception,) = master.exceptions()
    assert exception["msg"] == "a task set was to be left, but the user was in none"
    assert "in leaves_nothing" in exception["traceback"]


def test_a_wait_time_that_raises_ends_its_user_alone(bench: Bench) -> None:
    master = bench.master("UnwillingUser", "EagerUser")
    bench.worker(master)
    master.wait_for_workers(1)
    master.swarm(4, rate=4, host=bench.target.url)
    eventually(lambda: master.exceptions() and master.exceptions()[0]["count"] == 2, "two users have ended")
    (exception,) = master.exceptions()
    assert exception["msg"] == "how long?"
    assert "in wait_time, user class UnwillingUser" in exception["traceback"]
    eventually(lambda: master.now()["user_count"] == 2, "the others are left")
    before = master.now()["total"]["num_requests"]
    master.wait_for_requests(before + 20)


def requests_of(master: Any) -> dict[str, int]:
    return {
        name: entry["num_requests"]
        for name, entry in master.entries().items()
        if name not in ("test_start", "test_stop")
    }


def test_tags_choose_tasks(bench: Bench) -> None:
    master = bench.master("TaggedUser", options=["--tags", "yes", "--exclude-tags", "no", "--loglevel", "INFO"])
    bench.worker(master)
    master.wait_for_workers(1)
    master.swarm(3, rate=3, host=bench.target.url)
    master.wait_for_requests(20)
    assert set(master.entries()) == {"wanted", "test_start"}


def test_a_task_that_blocks_the_loop_is_named(bench: Bench) -> None:
    master, worker = bench.start("BlockingUser", count=2)
    worker.wait_for_output(r"The loop is blocked by blocks, \S+users.py:\d+")
    worker.wait_for_output(r"time\.sleep\(0\.6\)")
    eventually(lambda: "katydid loop lag: p50" in worker.output(), "the lag is told", timeout=20)
    master.wait_for_workers(1, state="running")


def test_a_test_without_a_master(bench: Bench) -> None:
    process = bench.run("local", "--headless", "-u", 5, "-r", 5, "-t", "2s", "--host", bench.target.url, "EagerUser")
    assert process.wait() == 0
    output = process.output()
    assert re.search(r"GET +start +5 +0", output)
    assert re.search(r"GET +stop +5 +0", output)


@pytest.mark.parametrize(("nap", "stop_timeout", "comes"), [(0.7, 0, True), (1.5, 2, True), (30, 0, False)])
def test_the_last_report_waits_for_listeners(
    bench: Bench, tmp_path: pathlib.Path, nap: float, stop_timeout: int, comes: bool
) -> None:
    file = tmp_path / "napping.py"
    file.write_text(NAPPING)
    bench.environment["TEST_NAP"] = str(nap)
    master = bench.master(file=file, options=["--stop-timeout", str(stop_timeout)])
    worker = bench.worker(master, file=file)
    master.wait_for_workers(1)
    master.swarm(3, rate=3, host=bench.target.url)
    master.wait_for_requests(10)
    master.stop()
    master.wait_for_state("stopped")
    assert ("late" in master.entries()) == comes
    assert ("A listener of test_stop takes more than 1 s" in worker.output()) == (not comes)
    bench.check(master.now()["total"], worker, int(comes))


def test_listeners_do_not_delay_the_last_report_of_a_master_that_quits(bench: Bench, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "napping.py"
    file.write_text(NAPPING)
    bench.environment["TEST_NAP"] = "30"
    master = bench.master(file=file, run=f"-u 20 -r 20 -t 3s --host {bench.target.url} --expect-workers 1")
    worker = bench.worker(master, file=file)
    final = master.final(timeout=90)
    assert worker.wait() == 0
    bench.check(final["total"], worker)


NAPPING = """
import os
from katydid import AsyncUser, TrioUser, constant, events, task

if os.environ.get("TEST_LOOP") == "trio":
    from trio import sleep
    Base = TrioUser
else:
    from asyncio import sleep
    Base = AsyncUser

class NappingUser(Base):
    wait_time = constant(0.02)

    @task
    async def hello(self):
        await self.client.get("/hello")

@events.test_stop.add_listener
async def nap(environment, **_):
    await sleep(float(os.environ["TEST_NAP"]))
    environment.statistics.record("EVENT", "late", 1.0, 0)
"""
