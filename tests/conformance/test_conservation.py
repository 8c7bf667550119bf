"""Not one request is lost or invented: what the master counts is what the target completed.

Requests that were under way when users were stopped are the only difference allowed; the worker says how many.
"""
import time
import types

import pytest

from cut_off import cut_off
from harness import conservation
from harness.cable import Cable
from harness.endings import end, ramp_down
from harness.wait import eventually

# One round with each release, three with the newest.
ROUNDS = [pytest.param(0, marks=pytest.mark.core), 1, 2]
CLIENTS = [pytest.param("", id="HttpUser"), pytest.param("Fast", id="FastHttpUser")]
pytestmark = pytest.mark.katydid


def check(counted, target, worker):
    """`counted` are the master's numbers after the worker's last report."""
    assert counted["num_failures"] == 0
    conservation.check(counted["num_requests"], target, worker)


def users_of(count, client=""):
    """A class of which so many fit a small machine: a master that quits waits half a second for the last reports."""
    return (f"{client}EagerUser", 3) if count < 1000 else (f"{client}LazyUser", 8)


def sizes():
    return [pytest.param(50, id="50"), pytest.param(5000, id="5000", marks=pytest.mark.slow)]


@pytest.mark.parametrize("round", ROUNDS)
@pytest.mark.parametrize("users", sizes())
@pytest.mark.parametrize("client", CLIENTS)
def test_a_run_that_ends_by_quit(lab, client, users, round):
    user_class, seconds = users_of(users, client)
    target = lab.target()
    run = f"-u {users} -r {users} -t {seconds}s --host {target.url} --expect-workers 1"
    master = lab.master("load", users=[user_class], run=run)
    worker = lab.worker("load", master.port)
    final = master.final(timeout=90)
    assert worker.wait() == 0
    assert final["total"]["num_requests"] > users
    check(final["total"], target, worker)


@pytest.mark.parametrize("round", ROUNDS)
@pytest.mark.parametrize("users", sizes())
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("stop_timeout", [0, 10])
def test_a_run_that_ends_by_stop(running, client, users, stop_timeout, round):
    user_class, seconds = users_of(users, client)
    master, target, worker = running([user_class], options=["--stop-timeout", str(stop_timeout)] if stop_timeout else [])
    master.swarm(users, rate=users, host=target.url)
    master.wait_for_users(users, timeout=60)
    time.sleep(seconds - 1)
    check(end("stop", master, worker)["total"], target, worker)
    if stop_timeout:
        assert cut_off(worker.output()) == 0, "every user had time to finish"


@pytest.mark.parametrize("round", ROUNDS)
@pytest.mark.parametrize("users", sizes())
@pytest.mark.parametrize("client", CLIENTS)
def test_a_run_that_ends_by_sigterm_to_the_worker(running, client, users, round):
    user_class, seconds = users_of(users, client)
    master, target, worker = running([user_class])
    master.swarm(users, rate=users, host=target.url)
    master.wait_for_users(users, timeout=60)
    time.sleep(seconds - 1)
    check(end("sigterm", master, worker)["total"], target, worker)


@pytest.mark.parametrize("client", CLIENTS)
def test_users_without_a_wait_that_are_stopped(running, client):
    """They keep the machine busy to the end, and each has a request under way when the stop comes."""
    master, target, worker = running([f"{client}BusyUser"])
    master.swarm(50, rate=50, host=target.url)
    master.wait_for_users(50)
    time.sleep(2)
    check(end("stop", master, worker)["total"], target, worker)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("ending", ["stop", "stop timeout", "ramp down", "sigterm", "quit"])
def test_users_with_several_requests_at_once(running, lab, client, ending):
    options = ["--stop-timeout", "10"] if ending == "stop timeout" else []
    master, target, worker = running([f"{client}SeveralUser"], options=options)
    master.swarm(30, rate=100, host=target.url)
    master.wait_for_users(30)
    time.sleep(2)
    if ending == "ramp down":
        ramp_down(master, 20, 10, 25, 3)
    counted = end(ending, master, worker)["total"]
    check(counted, target, worker)
    assert cut_off(worker.output()) == 0, "each user has received all that it had asked for"


@pytest.mark.parametrize("round", ROUNDS)
def test_a_run_with_every_edit(running, round):
    """Users come and go while it runs; failures are counted as requests too."""
    master, target, worker = running(["HelloUser", "HeavyUser", "FixedUser"])
    master.swarm(40, rate=100, host=target.url)
    master.wait_for_users(40)
    for users in 10, 60, 5, 30:
        master.swarm(users, rate=100)
        master.wait_for_users(users)
        time.sleep(0.5)
    now = end("stop", master, worker)
    check(now["total"], target, worker)
    assert now["total"]["num_requests"] == sum(e["num_requests"] for e in now["entries"]), "totals and entries agree"


def test_what_is_cut_off_is_listed(running):
    master, target, worker = running(["StubbornUser"])
    master.swarm(7, rate=50, host=target.url)
    eventually(lambda: target.counts()["started"] == 14, "seven endless requests are on their way")
    master.stop()
    worker.wait_for_output(r"7 requests were cut off at stop.*/delay/60000")
    eventually(lambda: target.counts()["aborted"] == 7, "the target saw them end")
    eventually(lambda: master.requests == target.completed == 7, "the other seven are counted")


def test_a_break_in_a_test(lab):
    """Longer than the worker waits: it stops its users, and the master, which has another worker, takes it back into the
    same test."""
    target = lab.target()
    master = lab.master("load", users=["HelloUser"])
    cable = Cable(master.port)
    worker = lab.worker("load", cable.port)
    other = lab.worker("load", master.port)
    master.wait_for_workers(2)
    master.swarm(20, rate=20, host=target.url)
    master.wait_for_users(20)
    master.wait_for_requests(50)
    cable.cut()
    eventually(lambda: "broke: all users stop now" in worker.output(), "the worker misses its master", timeout=15)
    time.sleep(1)
    cable.mend()
    time.sleep(4)
    master.wait_for_users(20, timeout=30)
    master.stop()
    master.wait_for_workers(2)
    time.sleep(3.5)
    both = types.SimpleNamespace(output=lambda: worker.output() + other.output())
    conservation.check(master.requests, target, both)
