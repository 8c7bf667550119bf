"""How many users of which class run, and when."""
import re

import pytest

from harness.wait import eventually, settled


@pytest.mark.core
def test_ramp_up_edit_and_ramp_down_keep_running_users(running):
    master, target, worker = running(["HelloUser"])
    master.swarm(6, rate=2, host=target.url)
    steps = set()

    def ramped():
        steps.add(master.users)
        return 6 in steps

    eventually(ramped, "six users at two a second")
    assert steps & {2, 3, 4, 5}, "the users came one after the other"
    master.wait_for_state("running")

    master.swarm(9, rate=50)
    master.wait_for_users(9)
    eventually(lambda: target.completed_of("/status/201") == 9, "all have started")
    master.swarm(2, rate=50)
    master.wait_for_users(2)
    master.wait_for_state("running")
    assert target.completed_of("/status/201") == 9, "each user started once, none was started again"

    before = target.completed
    eventually(lambda: target.completed > before + 10, "the two that are left go on")
    assert worker.alive
    assert "running a different version" not in master.output()


@pytest.mark.core
def test_slow_ramp_down(running):
    master, target, _ = running(["HelloUser"])
    master.swarm(8, rate=50, host=target.url)
    master.wait_for_users(8)
    master.wait_for_state("running")
    master.swarm(2, rate=2)
    steps = set()

    def ramped():
        steps.add(master.users)
        return 2 in steps

    eventually(ramped, "two users are left")
    assert steps & {3, 4, 5, 6, 7}, "the users left one after the other"


@pytest.mark.core
def test_weights_and_fixed_count(running):
    master, target, _ = running(["HelloUser", "HeavyUser", "FixedUser"])
    master.swarm(10, rate=50, host=target.url)
    master.wait_for_users(10)
    assert master.now()["classes"] == {"FixedUser": 2, "HelloUser": 2, "HeavyUser": 6}

    master.wait_for_requests(250)
    counts = {name: entry["num_requests"] for name, entry in master.entries().items()}
    assert 1.5 < counts["often"] / counts["seldom"] < 6, "task weights 3 to 1"
    assert 2 < (counts["often"] + counts["seldom"]) / counts["fixed"] < 4.5, "six users against two"


@pytest.mark.core
def test_shape_of_the_master(running):
    master, target, worker = running(["HelloUser"], extra_files=["shape"])
    master.swarm(1, rate=1, host=target.url)
    master.wait_for_users(6)
    master.wait_for_users(2)
    master.wait_for_state("stopped")
    master.wait_for_workers(1)
    assert worker.alive
    settled(lambda: target.completed, "the target's count", quiet=1)


def test_a_second_worker_takes_over_a_share(running, lab):
    master, target, _ = running(["HelloUser"])
    master.swarm(8, rate=50, host=target.url)
    master.wait_for_users(8)
    master.wait_for_state("running")
    lab.worker("load", master.port)
    eventually(lambda: sorted(w["user_count"] for w in master.now()["workers"]) == [4, 4], "each worker runs four users")
    eventually(lambda: target.completed > 50, "requests")


@pytest.mark.core
@pytest.mark.parametrize(
    "options, expected",
    [
        (["--tags", "read"], {"read"}),
        (["--exclude-tags", "slow"], {"read", "plain"}),
        (["--tags", "read", "write", "--exclude-tags", "slow"], {"read"}),
    ],
    ids=["tags", "exclude", "both"],
)
def test_tags_of_the_master(running, options, expected):
    master, target, worker = running(["TaggedUser"], options=[*options, "--loglevel", "INFO"])
    master.swarm(3, rate=50, host=target.url)
    master.wait_for_requests(60)
    assert set(master.entries()) == expected


def test_the_first_ack_carries_the_index(running, lab):
    """Two workers are told apart by the master and reported with ids of hostname and 32 hexadecimal digits."""
    master, _, _ = running(["HelloUser"])
    lab.worker("load", master.port)
    workers = master.wait_for_workers(2)
    assert all(re.fullmatch(r".+_[0-9a-f]{32}", w["id"]) for w in workers)
    assert len({w["id"] for w in workers}) == 2
