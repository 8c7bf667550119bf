"""Users that are a burden to the worker itself: it speaks every second, reports, stays small and stops in time."""

import time
from dataclasses import dataclass, replace

import pytest
from cut_off import cut_off
from harness.wait import eventually, settled
from modes import MODES, Mode
from world import memory

MEBIBYTE = 1024 * 1024
STOPS_WITHIN = (
    8.0  # a second for requests that are under way; the master looks once a second; other tests share the cores
)
LATEST_HEARTBEAT = 2.5
# As many users as have timed out hold a port each for a minute: more than one address has.
SOURCES = ",".join(f"127.0.0.{last}" for last in range(2, 10))
DESERVED = (
    r"more than 70 log lines",  # as Locust's worker limits it
    r"this machine has \d+ TCP sockets",  # two a user, as the target is here too
    r"of \d+ file descriptors in use",
)


@dataclass(frozen=True)
class Burden:
    users: int
    many: int  # with --slow
    seconds: float = 6.0
    hops: int = 1  # requests at the target for each that is counted
    each: float = 0.2  # mebibytes that a user may need


BURDENS = {
    "Failing": Burden(1000, 15_000),
    "TimingOut": Burden(1000, 15_000),
    "Circling": Burden(100, 15_000, hops=31),
    "Loading": Burden(4, 16, each=160),
    "Discarding": Burden(100, 15_000),
    "Streaming": Burden(100, 15_000),
    "Trickling": Burden(1000, 15_000),
    "Naming": Burden(100, 100, seconds=10, each=1),
    "Logging": Burden(20, 20, each=2),
}


@pytest.mark.parametrize("client", ["Curl", "Fast"])
@pytest.mark.parametrize("size", ["few", pytest.param("many", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", BURDENS)
def test_a_burden(world, name, size, client):
    burden = BURDENS[name]
    users = burden.many if size == "many" else burden.users
    w = world(Mode(name, client + name, "burdens.cpp"), "--source-address", SOURCES, users=users)
    before = memory(w.worker.pid)
    w.swarm(rate=users / 2, host=w.target.url)  # a proxy in Python would be the burden's own limit
    w.master.wait_for_users(users, timeout=90)
    time.sleep(burden.seconds)
    assert memory(w.worker.pid) - before < (100 + users * burden.each) * MEBIBYTE
    stops_in_time(w)
    requests_agree(w, burden.hops)
    w.ends_well(DESERVED)


def stops_in_time(w):
    assert "failed to send heartbeat" not in w.master.output()
    assert w.longest_gap < LATEST_HEARTBEAT
    began = time.monotonic()
    w.stop()
    assert time.monotonic() - began < STOPS_WITHIN


def requests_agree(w, hops=1):
    started = settled(lambda: w.target.counts()["started"], "the target's count", quiet=1)

    def agree():
        requests, cut = w.master.requests, cut_off(w.worker.output())
        return requests + cut > 0 and requests * hops <= started <= (requests + cut) * hops

    eventually(agree, f"the master's count is the target's, {started}", timeout=8)


@pytest.mark.parametrize("mode", list(MODES))
def test_a_listener_that_throws_each_time(world, mode):
    """Requests are counted, and the log is not flooded."""
    normal = MODES[mode]
    file = f"throwing_{normal.file}" if normal.in_python else "throwing.cpp"
    w = world(replace(normal, file=file))
    w.at_full_load()
    w.wait_for_requests(500)
    stops_in_time(w)
    w.judge()
    assert w.worker.log.stat().st_size < 4 * MEBIBYTE
    assert "this listener is broken" in w.worker.output()
