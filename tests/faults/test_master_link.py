"""What the link to the master may do, and what the counts then are. Locust has no receipt for reports."""

import time

import judge
import pytest
from faults import BROKE
from harness.wait import eventually
from modes import MODES

A_REPORT = 500


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "gevent-HttpUser", "asyncio"])
def test_a_hole_that_ends_in_a_reset_swallows_one_report_at_most(world, mode):
    """As a firewall that forgets a connection does it. Reports go every three seconds."""
    w = world(mode)
    w.at_full_load()
    w.to_master.stall()
    time.sleep(11)
    w.to_master.reset()
    w.heal()
    w.known_again()
    w.stop()
    total = w.judge()["total"]["num_requests"]
    assert judge.in_doubt(w.worker.output()) < total / 2, "one report's requests, of four at least"
    w.works_as_before()


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "gevent-HttpUser", "trio"])
def test_a_report_that_is_cut_is_listed(world, mode):
    w = world(mode)
    w.at_full_load()
    w.to_master.cut(200, down=False, at_least=A_REPORT)
    eventually(lambda: judge.in_doubt(w.worker.output()) > 0, "the log says how many requests that report had", 20)
    w.recovers()
    w.ends_well((BROKE,))


@pytest.mark.parametrize("mode", ["cpp-HttpUser", "gevent-FastHttpUser"])
def test_a_stalled_link_loses_nothing(world, mode):
    """A master that is slow to read, or a cable that is plugged in again."""
    w = world(mode)
    w.at_full_load()
    for seconds in (2, 8):
        w.to_master.stall()
        time.sleep(seconds)
        w.heal()
        time.sleep(2)
    w.known_again()
    w.stop()
    w.judge()
    assert judge.in_doubt(w.worker.output()) == 0
    w.works_as_before()
    w.ends_well()


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(MODES))
def test_a_minute_without_a_network(world, mode):
    """The master's ZeroMQ gives the connection up after half a minute, Locust's worker itself after a whole one."""
    w = world(mode, "--reconnect-forever") if mode.startswith("cpp") else world(mode)
    w.at_full_load()
    w.to_master.stall()
    time.sleep(40)
    w.heal()
    w.recovers()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "asyncio"])
def test_a_test_that_could_not_be_stopped_is_started_again_and_stopped(world, mode):
    """The connection breaks as the master says stop, and it says so once."""
    w = world(mode)
    w.at_full_load()
    w.to_master.reset()
    w.master.stop()  # which waits for a minute
    w.heal()
    assert w.master.now()["state"] == "stopping"
    w.wait_for_requests(30)
    w.swarm()
    w.master.wait_for_users(w.users)
    w.stop()
    w.works_as_before()
