"""Who comes when, who dies when, and who says goodbye."""
import signal
import time

import pytest

from harness.wait import eventually, settled
from ports import free_port


@pytest.mark.core
def test_worker_before_master(lab):
    target = lab.target()
    port = free_port()
    worker = lab.worker("load", port)
    time.sleep(3)
    master = lab.master("load", users=["HelloUser"], port=port)
    master.wait_for_workers(1)
    master.swarm(2, rate=10, host=target.url)
    master.wait_for_requests(10)
    assert worker.alive


@pytest.mark.core
@pytest.mark.katydid
def test_master_is_killed_and_started_again(running, lab):
    """A Python worker's users go on for a minute and then it gives up."""
    master, target, worker = running(["HelloUser"])
    master.swarm(5, rate=50, host=target.url)
    master.wait_for_requests(30)
    master.kill()
    settled(lambda: target.completed, "the target's count", quiet=2, timeout=45)
    assert worker.alive

    again = lab.master("load", users=["HelloUser"], port=master.port)
    (joined,) = again.wait_for_workers(1, timeout=60)
    assert again.now()["user_count"] == 0
    target.reset()
    again.swarm(3, rate=50, host=target.url)
    again.wait_for_users(3)
    again.wait_for_requests(30)
    assert target.completed_of("/status/201") == 3, "three new users, none of the old ones"
    again.stop()
    again.wait_for_workers(1)
    time.sleep(3.5)
    assert 0 <= settled(lambda: target.completed, "the target's count") - again.requests <= 3
    assert worker.alive


@pytest.mark.katydid
def test_master_is_started_again_within_a_second(running, lab):
    master, target, worker = running(["HelloUser"])
    master.swarm(5, rate=50, host=target.url)
    master.wait_for_requests(10)
    master.kill()
    again = lab.master("load", users=["HelloUser"], port=master.port)
    again.wait_for_workers(1, timeout=60)
    assert worker.alive
    again.swarm(2, rate=50, host=target.url)
    again.wait_for_users(2)


@pytest.mark.core
def test_worker_is_killed_and_another_takes_over(running, lab):
    master, target, worker = running(["HelloUser"])
    master.swarm(4, rate=50, host=target.url)
    master.wait_for_requests(10)
    worker.kill()
    master.wait_for_workers(1, state="missing")
    master.wait_for_state("stopped")
    lab.worker("load", master.port)
    master.wait_for_workers(1)
    target.reset()
    master.swarm(4, rate=50, host=target.url)
    # Masters before 2.47 go on giving the dead worker its half.
    wanted = 4 if master.version >= (2, 47) else 2
    master.wait_for_users(wanted)
    eventually(lambda: target.completed_of("/status/201") == wanted, "its users have started")


def test_one_of_two_workers_is_killed(running, lab):
    master, target, worker = running(["HelloUser"])
    lab.worker("load", master.port)
    master.wait_for_workers(2)
    master.swarm(8, rate=50, host=target.url)
    eventually(lambda: [w["user_count"] for w in master.now()["workers"]] == [4, 4], "four users each")
    worker.kill()
    master.wait_for_workers(1, state="missing")
    master.swarm(6, rate=50)
    (left,) = master.wait_for_workers(1, state="running")
    eventually(lambda: master.now()["workers"] and master.users == 6, "the one that is left runs six users")


def test_worker_that_was_suspended_is_taken_back(running):
    """As on a machine that was asleep: the master marks it missing, its heartbeats heal that."""
    master, target, worker = running(["HelloUser"])
    worker.signal(signal.SIGSTOP)
    master.wait_for_workers(1, state="missing")
    worker.signal(signal.SIGCONT)
    master.wait_for_workers(1)
    master.swarm(3, rate=50, host=target.url)
    master.wait_for_users(3)
    master.wait_for_requests(10)


@pytest.mark.core
def test_quit_of_the_master_ends_the_worker(running):
    master, target, worker = running(["HelloUser"])
    master.swarm(3, rate=50, host=target.url)
    master.wait_for_requests(10)
    assert master.terminate() == 0
    assert worker.wait() == 0
    assert "quit message from master" in worker.output()


def test_quit_without_any_test(running):
    master, _, worker = running(["HelloUser"])
    master.terminate()
    assert worker.wait() == 0


@pytest.mark.core
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_signal_to_the_worker(running, number):
    master, target, worker = running(["HelloUser"])
    master.swarm(5, rate=50, host=target.url)
    master.wait_for_requests(10)
    worker.signal(number)
    assert worker.wait() == 0
    master.wait_for_state("stopped")
    assert "The last worker quit, stopping test." in master.output()
    settled(lambda: target.completed, "the target's count", quiet=1)


def test_signal_to_an_idle_worker(running):
    master, _, worker = running(["HelloUser"])
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0
    eventually(lambda: "quit." in master.output(), "the master hears that the worker quits")


def test_signal_while_no_master_answers(lab):
    worker = lab.worker("load", free_port())
    if lab.worker_kind == "katydid":
        worker.wait_for_output("Starting Katydid", timeout=120)  # the locustfile may have to be compiled before
    time.sleep(2)
    worker.signal(signal.SIGINT)
    # Locust's worker takes Ctrl-C while it waits for a master as "give up".
    assert worker.wait(15) in (0, 1)


@pytest.mark.katydid
def test_second_signal_ends_at_once(running):
    master, target, worker = running(["StubbornUser"], options=["--stop-timeout", "60"])
    master.swarm(3, rate=50, host=target.url)
    eventually(lambda: target.counts()["started"] == 6, "three endless requests are on their way")
    worker.signal(signal.SIGTERM)
    time.sleep(2)
    assert worker.alive, "the first signal lets tasks finish"
    worker.signal(signal.SIGTERM)
    began = time.monotonic()
    assert worker.wait(10) not in (None, 0)
    assert time.monotonic() - began < 2


@pytest.mark.core
@pytest.mark.katydid
def test_one_cpp_and_one_python_worker_side_by_side(running, lab):
    master, target, _ = running(["HelloUser", "HeavyUser"], options=["--stop-timeout", "10"])
    lab.worker("load", master.port, kind="python", name="python-worker")
    master.wait_for_workers(2)
    master.swarm(12, rate=50, host=target.url)
    eventually(lambda: [w["user_count"] for w in master.now()["workers"]] == [6, 6], "six users each")
    master.wait_for_requests(150)
    master.swarm(20, rate=50)
    eventually(lambda: [w["user_count"] for w in master.now()["workers"]] == [10, 10], "ten users each")
    master.stop()
    master.wait_for_workers(2)
    served = settled(lambda: target.completed, "the target's count")
    eventually(lambda: master.requests == served, "both workers' requests add up to what the target served")


@pytest.mark.katydid
def test_a_spinning_task_delays_no_heartbeat(running):
    master, _, worker = running(["SpinningUser"], locustfile="faults")
    master.swarm(4, rate=50, host="http://127.0.0.1:9")
    master.wait_for_users(4)
    began = time.monotonic()
    # Percent of one core divided by the cores in use; a busy machine leaves the worker less than all of it.
    eventually(lambda: 20 < master.now()["workers"][0]["cpu_usage"] <= 105, "the CPU usage shows it", timeout=25)
    time.sleep(max(0, began + 10 - time.monotonic()))
    assert "failed to send heartbeat" not in master.output()
    assert worker.terminate() == 0
