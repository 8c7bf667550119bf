"""Stopping a test and starting the next one."""
import time

import pytest

from harness.wait import eventually, settled


def stop_in_background(master, pool):
    """A stop from the web interface answers only when the users are gone."""
    return pool.submit(master.stop)


@pytest.mark.core
def test_stop_then_start_again_begins_clean(running):
    master, target, worker = running(["HelloUser"])
    master.swarm(5, rate=50, host=target.url)
    master.wait_for_requests(30)
    master.stop()
    master.wait_for_state("stopped")
    master.wait_for_workers(1)
    settled(lambda: target.completed, "the target's count")

    target.reset()
    master.swarm(3, rate=50)
    master.wait_for_users(3)
    master.wait_for_requests(30)
    master.stop()
    master.wait_for_workers(1)
    assert target.completed_of("/status/201") == 3, "three new users, none of the old ones"
    served = settled(lambda: target.completed, "the target's count")
    eventually(lambda: master.requests >= served - 3, "the second run's requests are in")
    time.sleep(3.5)  # a late report of the first run would arrive now
    assert served - 3 <= master.requests <= served
    assert worker.alive


@pytest.mark.core
def test_a_task_finishes_within_stop_timeout(running):
    master, target, _ = running(["PatientUser"], options=["--stop-timeout", "20"])
    master.swarm(4, rate=50, host=target.url)
    eventually(lambda: target.counts()["started"] == 4, "four slow requests are on their way")
    began = time.monotonic()
    master.stop()
    assert time.monotonic() - began < 15, "nobody waits for the whole of stop_timeout"
    assert target.counts()["aborted"] == 0
    assert target.completed_of("/hello") >= 4, "the second half of each task was done too"
    eventually(lambda: master.requests == target.completed, "every request is reported")


@pytest.mark.core
def test_stop_timeout_runs_out(running, pool):
    master, target, worker = running(["StubbornUser"], options=["--stop-timeout", "3"])
    master.swarm(3, rate=50, host=target.url)
    eventually(lambda: target.counts()["started"] == 6, "three endless requests are on their way")
    began = time.monotonic()
    stopping = stop_in_background(master, pool)
    time.sleep(1.5)
    assert master.users == 3, "the users are given their time"
    stopping.result()
    assert 2.5 < time.monotonic() - began < 15
    assert target.completed == 3
    master.wait_for_workers(1)
    eventually(lambda: master.requests == 3, "what was completed is reported, what was cut off is not")
    assert worker.alive


def test_without_stop_timeout_tasks_are_cut_off(running):
    master, target, _ = running(["StubbornUser"])
    master.swarm(3, rate=50, host=target.url)
    eventually(lambda: target.counts()["started"] == 6, "three endless requests are on their way")
    began = time.monotonic()
    master.stop()
    assert time.monotonic() - began < 10
    eventually(lambda: target.counts()["aborted"] == 3, "the connections are closed")
    assert master.now()["total"]["num_failures"] == 0, "a request that was cut off is no failure"


@pytest.mark.core
def test_on_stop_runs_for_each_user(running):
    master, target, _ = running(["LeavingUser"], options=["--stop-timeout", "10"])
    master.swarm(5, rate=50, host=target.url)
    master.wait_for_users(5)
    master.swarm(3, rate=50)
    eventually(lambda: target.completed_of("/status/202") == 2, "two users said goodbye in the ramp-down")
    master.stop()
    assert target.completed_of("/status/202") == 5
    eventually(lambda: master.requests == target.completed, "the goodbyes are reported")


def test_stop_while_ramping_up(running):
    master, target, worker = running(["HelloUser"])
    master.swarm(200, rate=4, host=target.url)
    eventually(lambda: master.users >= 3, "the ramp-up is under way")
    master.stop()
    master.wait_for_state("stopped")
    assert master.users == 0
    settled(lambda: target.completed, "the target's count")
    master.swarm(2, rate=50)
    master.wait_for_users(2)
    assert worker.alive


@pytest.mark.core
def test_reset_stats_when_the_ramp_up_is_over(running):
    master, target, _ = running(["HelloUser"], options=["--reset-stats"], worker_options=["--reset-stats"])
    master.swarm(10, rate=2.5, host=target.url)
    served_before = [0]

    def spawned():
        if "All users spawned" in master.output():
            return True
        served_before.append(target.completed)
        return False

    eventually(spawned, "all users are spawned", every=0.02)
    time.sleep(4)
    master.stop()
    master.wait_for_state("stopped")
    total = eventually(lambda: master.requests, "requests after the reset")
    served = settled(lambda: target.completed, "the target's count")
    assert master.entries().get("start", {"num_requests": 0})["num_requests"] <= 2, "most users started before the reset"
    # Two looks before: the reset itself and the last look are not the same moment.
    assert 0 < total <= served - served_before[-3]
    assert total > (served - served_before[-1]) / 2, "only the ramp-up is gone"


def test_reset_stats_loses_nothing_of_a_test_that_ends_before_the_ramp_up(running):
    master, target, _ = running(["HelloUser"], options=["--reset-stats"], worker_options=["--reset-stats"])
    master.swarm(200, rate=4, host=target.url)
    eventually(lambda: master.users >= 12, "three steps of the ramp-up")
    master.stop()
    master.wait_for_state("stopped")
    served = settled(lambda: target.completed, "the target's count")
    eventually(lambda: master.requests == served, "all of them are reported")
