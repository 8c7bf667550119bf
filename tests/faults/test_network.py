"""Interfaces that go down and come back, ports that run out, names that fail: in namespaces that the test makes."""

import re
import time

import pytest
from harness.wait import eventually
from network import AWAY, HOME, network
from proxy import Proxy
from resolver import Resolver

SECOND_HOME = "10.77.0.3"


@pytest.fixture
def net():
    with network() as made:
        yield made


@pytest.fixture
def far(world, net):
    """A world whose worker is on the other side of the pair of interfaces."""

    def make(mode, *options, before=(), **arguments):
        return world(mode, *options, address=HOME, before=[*net.in_away, *before], **arguments)

    return make


@pytest.mark.parametrize("seconds", [2, 12])
@pytest.mark.parametrize("mode", ["cpp-HttpUser", "cpp-FastHttpUser", "gevent-FastHttpUser", "asyncio"])
def test_an_interface_goes_down_and_comes_back(far, net, mode, seconds):
    """Both links are on it. TCP sends again what was under way; new connections are refused by the machine itself."""
    w = far(mode)
    w.at_full_load()
    net.down()
    time.sleep(seconds)
    net.up()
    w.recovers(target_is_clean=False)
    w.ends_well()


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "trio"])
def test_a_cable_that_is_pulled(far, net, mode):
    w = far(mode)
    w.at_full_load()
    net.pull()
    time.sleep(6)
    net.plug_in()
    w.recovers(target_is_clean=False)
    w.ends_well()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "gevent-HttpUser", "trio"])
def test_a_cable_that_is_pulled_for_long(far, net, mode):
    """The master has given the connection up by then, and says so in vain."""
    w = far(mode)
    w.at_full_load()
    net.pull()
    time.sleep(45)
    net.plug_in()
    w.recovers(120, target_is_clean=False)


@pytest.mark.parametrize("mode", ["cpp-HttpUser", "cpp-FastHttpUser", "gevent-HttpUser", "asyncio"])
def test_ports_run_out(far, net, mode):
    """Users without a port fail and say why, the others go on, and so do the heartbeats."""
    net.away("sh", "-c", "echo 40000 40014 > /proc/sys/net/ipv4/ip_local_port_range")
    w = far(mode, users=40)
    w.goes_on_failing("assign requested address")
    net.away("sh", "-c", "echo 32768 60999 > /proc/sys/net/ipv4/ip_local_port_range")
    w.works_as_before()
    w.ends_well((r"\d+ ports for the connections",))


WITH_RESOLVER = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


@pytest.fixture
def named(far, net, tmp_path):
    """(world, resolver): the worker asks the test for addresses, and is sent to http://target.test."""
    resolver = Resolver(HOME)
    file = tmp_path / "resolv.conf"
    file.write_text(f"nameserver {HOME}\noptions timeout:1 attempts:2\n")

    def make(mode):
        w = far(mode, before=["unshare", "--mount", "sh", "-c", WITH_RESOLVER, file])
        w.to_target.host = "target.test"  # in its URL
        return w, resolver

    yield make
    resolver.close()


NAMED = ["cpp-HttpUser", "cpp-FastHttpUser", "gevent-HttpUser", "asyncio"]


@pytest.mark.parametrize("mode", NAMED)
@pytest.mark.parametrize("answer", ["no such name", "failure", "silence"])
def test_a_name_that_is_not_found(named, mode, answer):
    w, resolver = named(mode)
    resolver.answer = answer
    w.swarm()
    w.master.wait_for_users(w.users)
    errors = eventually(lambda: w.master.now()["errors"], "failures are reported", 40)
    assert all(re.search("target.test|gaierror", error) for *_, error, _ in errors), errors
    resolver.answer = HOME
    w.wait_for_requests(50)
    w.stop()
    w.judge(target_is_clean=False)
    assert w.longest_gap < 2.5, "a lookup that hangs delays no heartbeat"
    w.works_as_before()
    w.ends_well()


@pytest.mark.parametrize("mode", NAMED)
def test_a_name_that_moves(named, net, mode):
    """The old address refuses; users follow the name."""
    w, resolver = named(mode)
    resolver.answer = HOME
    w.at_full_load()
    net.add_home(SECOND_HOME)
    moved = Proxy(int(w.target.url.rpartition(":")[2]), listen_on=SECOND_HOME, port=w.to_target.port)
    try:
        resolver.answer = SECOND_HOME
        w.to_target.refuse()
        w.to_target.reset()
        eventually(lambda: moved.up.bytes > 5000, "users have come to the new address", timeout=75)
        w.stop()
        w.judge(target_is_clean=False)
    finally:
        moved.close()


def test_the_worker_is_away(far):
    """The lab itself: the worker's connections come from the other namespace."""
    w = far("cpp-FastHttpUser")
    assert w.to_master.peers() == [AWAY]
