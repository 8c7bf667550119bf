"""WebSockets of users in C++, against Python's `websockets` and aiohttp: what the server counts is what the master has."""
import collections
import time

import pytest

import websocket_server
from cut_off import cut_off, cut_off_by_name
from harness.endings import end, ramp_down
from harness.lab import ROOT
from harness.wait import eventually

pytestmark = pytest.mark.katydid
SERVERS = ["websockets", "aiohttp"]
USERS = ROOT / "tests" / "conformance" / "locustfiles" / "websocket.cpp"


@pytest.fixture(params=SERVERS)
def server(request):
    with websocket_server.running(request.param) as server:
        yield server


@pytest.fixture
def started(lab, server):
    def start(users, options=(), worker_options=()):
        master = lab.master(lab.printed_locustfile(USERS), users=users, options=options)
        worker = lab.worker(USERS, master.port, worker_options)
        master.wait_for_workers(1)
        return master, worker

    return start


def requests_by_type(entries):
    counts = collections.Counter()
    for entry in entries:
        counts[entry["method"]] += entry["num_requests"]
        if " close " in entry["name"]:
            counts["closes"] += entry["num_requests"]
    counts["opened"] = counts["WS"] - counts["closes"]
    return counts


def check(entries, server, worker):
    """`entries` are the master's after the worker's last report."""
    counted, there = requests_by_type(entries), server.settled()
    cut = cut_off_by_name(worker.output())
    cut_messages = sum(times for name, times in cut.items() if name.startswith(("WSC", "WSS")))
    cut_opened = sum(times for name, times in cut.items() if name.startswith("WS /") and "close" not in name)
    print(f"master {counted}, server {there}, cut off {cut}")
    assert sum(cut.values()) == cut_off(worker.output())
    sent = counted["WSC"] + counted["WSS"]
    assert sent <= there["received"] <= sent + cut_messages
    assert counted["opened"] <= there["connections"] <= counted["opened"] + cut_opened
    assert counted["WSC"] + counted["WSR"] <= there["sent"], "no message is received that was not sent"
    assert counted["WSC"] > 50
    assert sum(entry["num_failures"] for entry in entries) == 0
    return counted, there


@pytest.mark.parametrize("event_loop", ["auto", "epoll"])
@pytest.mark.parametrize("ending", ["stop", "stop timeout", "ramp down", "sigterm", "quit"])
def test_nothing_is_lost_at_any_ending(started, server, ending, event_loop):
    options = ["--stop-timeout", "10"] if ending == "stop timeout" else []
    master, worker = started(["Asker", "Visitor"], options, ["--event-loop", event_loop])
    master.swarm(20, rate=100, host=server.url.replace("http", "ws"))
    master.wait_for_users(20)
    time.sleep(2)
    if ending == "ramp down":
        ramp_down(master, 10, 5, 15, 2)
    entries = end(ending, master, worker)["entries"]
    counted, there = check(entries, server, worker)
    assert cut_off(worker.output()) == 0, "each user has received what it had asked for"
    if ending == "stop timeout":
        assert counted["closes"] == counted["opened"] == there["close 1000"] == there["connections"]


def test_users_that_stop_themselves(started, server):
    master, worker = started(["Quitter"])
    master.swarm(20, rate=100, host=server.url)
    eventually(lambda: server.counts()["received"] >= 100, "all have asked")
    time.sleep(3.5)
    counted, there = check(master.now()["entries"], server, worker)
    assert counted["WSC"] == there["received"] == there["sent"] == 100
    assert there["close 1001"] == counted["opened"] == 20, "who lets go of a WebSocket goes away"


def test_what_has_no_answer_is_listed(started, server):
    master, worker = started(["Stubborn"])
    master.swarm(7, rate=50, host=server.url)
    eventually(lambda: server.counts()["received"] == 7, "seven questions are on their way")
    master.stop()
    worker.wait_for_output(r"7 requests were cut off at stop: WSC /silent 7")
    there = server.settled()
    eventually(lambda: requests_by_type(master.now()["entries"])["opened"] == 7, "the handshakes are counted")
    assert there["received"] == 7
    assert requests_by_type(master.now()["entries"])["WSC"] == 0
