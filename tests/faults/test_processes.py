"""Processes that are suspended, killed, replaced, or there twice."""

import time
from types import SimpleNamespace

import judge
import pytest
from faults import BROKE
from harness.lab import Lab
from harness.releases import releases
from harness.wait import eventually
from modes import MODES
from world import MASTER_FILE

COROUTINES = [mode for mode in MODES if not mode.startswith("gevent")]
"""Whose workers register again; plain locustfiles are Locust's own worker, which leaves."""


@pytest.mark.parametrize("mode", list(MODES))
def test_a_worker_that_slept(world, mode):
    w = world(mode)
    w.at_full_load()
    w.sleeps(w.worker, 5)
    w.recovers()
    w.ends_well()


@pytest.mark.parametrize("mode", ["cpp-HttpUser", "asyncio", "trio"])
def test_an_idle_worker_that_slept(world, mode):
    """Nobody has blocked its loop meanwhile, and nobody is accused of it."""
    w = world(mode)
    w.sleeps(w.worker, 1.5)
    time.sleep(1)
    w.works_as_before()
    w.ends_well()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "asyncio"])
@pytest.mark.parametrize("sleeper", ["worker", "master"])
def test_one_that_slept_for_long(world, mode, sleeper):
    w = world(mode, "--reconnect-forever")
    w.at_full_load()
    w.sleeps(getattr(w, sleeper), 90)
    w.recovers()


@pytest.mark.parametrize("mode", COROUTINES)
def test_a_master_that_is_killed_and_another_release_follows(world, lab, mode):
    """What the first had counted went with it. The second counts its own test, to the last request."""
    w = world(mode)
    w.at_full_load()
    counted = w.master.requests
    w.master.kill()
    assert counted <= w.target.completed
    older = Lab(_options(lab), releases()[1], lab.folder)
    again = older.master(MASTER_FILE, users=[w.mode.user_class], port=w.master.port)
    w.master = again
    try:
        again.wait_for_workers(1)
        w.works_as_before()
        w.ends_well((BROKE,))
    finally:
        older.close()


def _options(lab):
    return SimpleNamespace(worker=lab.worker_kind, katydid=lab.katydid, target=lab.katydid.with_name("katydid-target"))


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "asyncio"])
def test_a_worker_that_comes_to_another_master(world, lab, mode):
    """As behind an address that moves: both masters live, and neither counts what is the other's."""
    w = world(mode)
    w.at_full_load()
    first = w.master
    second = lab.master(MASTER_FILE, users=[w.mode.user_class])
    w.to_master.lead_to(second.port)
    w.to_master.reset()
    first.wait_for_workers(1, state="missing", timeout=20)
    w.master = second
    second.wait_for_workers(1)
    before = first.requests
    w.works_as_before()
    assert first.requests == before


@pytest.mark.parametrize("mode", ["cpp-HttpUser", "trio"])
def test_a_target_that_is_killed_and_comes_back(world, lab, mode):
    """Every request has its end: failures, and then none any more."""
    w = world(mode)
    w.at_full_load()
    completed = w.target.completed
    w.target.kill()
    eventually(lambda: w.master.now()["total"]["num_failures"] > 20, "failures are counted")
    another = lab.target()
    w.target = another
    w.to_target.lead_to(int(another.url.rpartition(":")[2]))
    w.wait_for_requests(50)
    w.stop()
    total = eventually(lambda: _settled(w), "the count stands still")
    successes = total["num_requests"] - total["num_failures"]
    assert successes <= completed + w.target.completed + w.users, "those that were answered after the last look"
    assert successes >= completed + w.target.completed - judge.in_doubt(w.worker.output())
    w.works_as_before()
    w.ends_well()


def _settled(w):
    before = w.master.now()["total"]
    time.sleep(3.5)
    return before if w.master.now()["total"] == before else None
