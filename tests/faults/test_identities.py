"""Whose message is it? Connections that are mixed up, doubled, or lead to one master and then to another."""

import time

import pytest
from faults import BROKE
from harness.wait import eventually
from world import MASTER_FILE

FOR_ANOTHER = r"of the master was for worker \S+ and came to this one"


def _another(worker_id):
    """A name that no worker has, of the same length."""
    return worker_id[:-8] + "somebody"


def _id(w):
    return w.master.now()["workers"][0]["id"]


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "gevent-HttpUser", "asyncio", "trio"])
def test_orders_for_another(world, mode):
    """Users of another worker are not started here, and its stop does not stop these; the log says for whom it was."""
    w = world(mode)
    w.at_full_load()
    mine = _id(w)
    w.to_master.rename(mine, _another(mine))
    w.swarm(10 * w.users)
    said = w.worker.wait_for_output(r'message "spawn" of the master was for worker (\S+) and came to this one, (\S+):')
    assert said.groups() == (_another(mine), mine)
    w.wait_for_requests(100)
    assert w.master.now()["user_count"] <= w.users
    w.heal()
    w.known_again()
    w.stop()
    w.judge()
    w.works_as_before()
    w.ends_well((FOR_ANOTHER,))


@pytest.mark.parametrize("mode", ["cpp-HttpUser", "gevent-FastHttpUser", "asyncio"])
def test_a_worker_that_comes_under_another_name(world, mode):
    """Its messages have another name than its connection: Locust's master counts them under that name, and takes the
    worker for missing, until they agree again."""
    w = world(mode)
    w.at_full_load()
    mine = _id(w)
    w.to_master.rename(mine, _another(mine), up=True, down=False)
    w.master.wait_for_workers(1, state="missing", timeout=20)
    w.heal()
    w.known_again()
    w.stop()
    w.judge()
    w.works_as_before()
    w.ends_well((BROKE,))


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "gevent-HttpUser", "trio"])
def test_a_connection_that_is_doubled(world, mode):
    """All that the worker says reaches the master over two connections: it is counted once."""
    w = world(mode)
    w.at_full_load()
    w.to_master.duplicate()
    time.sleep(7)  # two reports
    w.wait_for_requests(30)
    w.stop()
    w.judge()
    w.works_as_before()
    w.ends_well()


@pytest.mark.parametrize("mode", ["cpp-HttpUser", "gevent-FastHttpUser", "asyncio"])
def test_a_double_that_outlives_its_connection(world, mode):
    w = world(mode)
    w.at_full_load()
    w.to_master.duplicate()
    w.wait_for_requests(30)
    w.to_master.reset()
    w.recovers()
    w.ends_well((BROKE,))


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "asyncio", "trio"])
def test_two_masters_in_turn(world, lab, mode):
    """As behind a balancer that knows nothing of workers: each connection leads to the other master.

    One that had the worker before takes it back by its heartbeat, with the users that it has.
    """
    w = world(mode)
    masters = [w.master, lab.master(MASTER_FILE, users=[w.mode.user_class])]
    w.to_master.lead_to(masters[1].port, masters[0].port)
    counted = 0
    for turn in range(3):
        w.at_full_load()
        w.master.wait_for_requests(30)
        w.to_master.reset()
        here = masters[(turn + 1) % 2]
        eventually(lambda master=here: _has_one(master, "ready", "running"), "the other master has it", 30)
        assert here.now()["user_count"] <= w.users
        w.master.stop()
        total = w.master.now()["total"]
        assert total["num_failures"] == 0
        counted += total["num_requests"]
        w.master = here
    assert 30 <= counted <= w.target.completed, "nothing is counted by both"
    w.at_full_load()
    w.stop()
    w.works_as_before()
    w.ends_well((BROKE,))


def _has_one(master, *states):
    return any(worker["state"] in states for worker in master.now()["workers"])
