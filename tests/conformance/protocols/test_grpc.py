"""gRPC of users in C++, against grpcio's server: what the server counts is what the master has."""

import re
import time

import pytest

import grpc_server
from certificates import Certificates
from cut_off import cut_off
from harness.endings import end, ramp_down
from harness.lab import HERE, ROOT
from harness.wait import eventually

pytestmark = [
    pytest.mark.katydid,
    pytest.mark.skipif(grpc_server.PROTOC is None, reason="protoc is not installed; tools/setup --tests"),
]
USERS = HERE / "locustfiles" / "grpc.cpp"
INTEROP = HERE / "locustfiles" / "grpc_interop.cpp"
EVENT_LOOPS = pytest.mark.parametrize("event_loop", ["auto", "epoll"])
CASES = re.findall(r"CASE\((\w+)\);", INTEROP.read_text())


@pytest.fixture(autouse=True)
def proto_folders(monkeypatch):
    """The .proto files are beside the server that has them."""
    monkeypatch.setenv("KATYDID_CXXFLAGS", f"-I{ROOT / 'examples'} -I {ROOT / 'tests' / 'support'}")


@pytest.fixture
def server():
    with grpc_server.running() as server:
        yield server


@pytest.fixture
def started(lab, server):
    def start(users, options=(), worker_options=()):
        master = lab.master(lab.printed_locustfile(USERS), users=users, options=options)
        worker = lab.worker(USERS, master.port, worker_options)
        master.wait_for_workers(1)
        return master, worker

    return start


def calls(entries):
    assert {entry["method"] for entry in entries} <= {"grpc"}
    return sum(entry["num_requests"] for entry in entries)


def check(entries, server, worker):
    """`entries` are the master's after the worker's last report."""
    there, cut = server.settled(), cut_off(worker.output())
    print(f"master {calls(entries)}, server {dict(there)}, cut off {cut}")
    assert calls(entries) <= there["calls"] <= calls(entries) + cut
    assert there["calls"] == there["ended"] + there["cancelled"]
    assert sum(entry["num_failures"] for entry in entries) == 0
    return there


@EVENT_LOOPS
@pytest.mark.parametrize("ending", ["stop", "stop timeout", "ramp down", "sigterm", "quit"])
def test_nothing_is_lost_at_any_ending(started, server, ending, event_loop):
    options = ["--stop-timeout", "10"] if ending == "stop timeout" else []
    master, worker = started(["Asker", "Visitor"], options, ["--event-loop", event_loop])
    master.swarm(20, rate=100, host=server.host)
    master.wait_for_users(20)
    time.sleep(2)
    if ending == "ramp down":
        ramp_down(master, 10, 5, 15, 2)
    entries = end(ending, master, worker)["entries"]
    there = check(entries, server, worker)
    assert there["ended"] > 200
    if ending == "stop timeout":
        assert there["calls"] == calls(entries)
        assert cut_off(worker.output()) == there["cancelled"] == 0


@EVENT_LOOPS
def test_a_server_that_takes_leave_of_connections_loses_nothing(lab, event_loop):
    """As behind each rolling restart: grpcio says so (GOAWAY) while calls are made."""
    with grpc_server.running(connection_age_ms=200) as server:
        master = lab.master(lab.printed_locustfile(USERS), users=["Asker"], options=["--stop-timeout", "10"])
        worker = lab.worker(USERS, master.port, ["--event-loop", event_loop])
        master.wait_for_workers(1)
        master.swarm(20, rate=100, host=server.host)
        master.wait_for_users(20)
        time.sleep(4)
        entries = end("stop timeout", master, worker)["entries"]
        there = check(entries, server, worker)
    assert there["calls"] == calls(entries) > 1000
    assert there["connections"] > 100


def test_what_has_no_answer_is_listed(started, server):
    master, worker = started(["Stubborn"])
    master.swarm(7, rate=50, host=server.host)
    eventually(lambda: server.counts()["calls"] == 7, "seven calls are on their way")
    master.stop()
    worker.wait_for_output(r"7 requests were cut off at stop: grpc /helloworld.Greeter/SayHello 7")
    eventually(lambda: server.counts()["cancelled"] == 7, "the server hears that nobody waits")
    assert calls(master.now()["entries"]) == 0


def test_a_stream_without_end_is_listed(started, server):
    master, worker = started(["Listener"])
    master.swarm(5, rate=50, host=server.host)
    eventually(lambda: server.counts()["sent"] > 100, "news come")
    master.stop()
    worker.wait_for_output(r"5 requests were cut off at stop: grpc /helloworld.Greeter/Count 5")
    eventually(lambda: server.counts()["cancelled"] == 5, "the server hears that nobody waits")
    assert calls(master.now()["entries"]) == 0


def test_users_that_stop_themselves(started, server):
    master, worker = started(["Quitter"])
    master.swarm(20, rate=100, host=server.host)
    eventually(lambda: server.counts()["cancelled"] == 20, "all have ended their calls")
    time.sleep(3.5)
    there = check(master.now()["entries"], server, worker)
    assert calls(master.now()["entries"]) == there["calls"] == 20, "who ends a call early is counted"


def test_statuses_are_failures_of_the_table(started, server):
    master, worker = started(["Failing"])
    master.swarm(2, rate=50, host=server.host)
    eventually(lambda: server.counts()["calls"] > 20, "calls come")
    end("stop", master, worker)
    final = master.now()
    entry = final["entries"][0]
    assert (entry["method"], entry["name"]) == ("grpc", "/helloworld.Greeter/SayHello")
    assert entry["num_failures"] == entry["num_requests"] == server.settled()["calls"]
    assert [error for _, _, error, _ in final["errors"]] == ["NOT_FOUND: there is no nobody"]


def interop(lab, user, host, event_loop, environment=None):
    """What each case has said."""
    command = [lab.katydid, "-f", INTEROP, "--headless", "-u", 1, "-H", host, "--event-loop", event_loop, user]
    process = lab.run("katydid", command, environment)
    process.wait(100)
    said = dict(re.findall(r"case (\w+): (.*)", process.output()))
    assert said == dict.fromkeys(CASES, "ok")


@EVENT_LOOPS
def test_interoperability(lab, server, event_loop):
    interop(lab, "Interop", server.host, event_loop)


@EVENT_LOOPS
def test_interoperability_over_tls(lab, tmp_path, event_loop):
    made = Certificates(tmp_path)
    with grpc_server.running(str(made.path("server.pem")), str(made.path("server.key"))) as server:
        authority = {"KATYDID_TEST_CA": str(made.path("authority.pem"))}
        interop(lab, "Secure", f"grpcs://{server.host}", event_loop, authority)
