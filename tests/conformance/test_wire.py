"""Message by message, with a fake master: what a real one never sends, and what it never shows."""
import os

import msgpack
import pytest

from harness.fake_master import FakeMaster
from harness.wait import eventually

pytestmark = pytest.mark.katydid


@pytest.fixture
def fake():
    master = FakeMaster()
    yield master
    master.close()


@pytest.fixture
def admitted(lab, fake):
    """(fake master, worker) after the ack."""
    worker = lab.worker("load", fake.port)
    fake.admit()
    return fake, worker


def test_it_announces_itself_until_it_is_acknowledged(lab, fake):
    worker = lab.worker("load", fake.port)
    first = fake.expect("client_ready", timeout=30)
    assert first == -1, "no version that a master would compare with its own"
    announced = [at for at, kind, _ in fake.listen(11.5) if kind == "client_ready"]
    assert len(announced) == 2, "every five seconds"
    fake.send("ack", {"index": 3})
    assert "client_ready" not in [kind for _, kind, _ in fake.listen(6.5)]
    assert worker.alive


def test_heartbeats_and_reports_while_nothing_runs(admitted):
    fake, _ = admitted
    heard = fake.listen(7.5)
    beats = [data for _, kind, data in heard if kind == "heartbeat"]
    assert 6 <= len(beats) <= 9
    for beat in beats:
        assert beat["state"] == "ready"
        assert isinstance(beat["current_cpu_usage"], (int, float))
        assert beat["current_memory_usage"] > 1_000_000, "bytes"
    reports = [data for _, kind, data in heard if kind == "stats"]
    assert 2 <= len(reports) <= 4
    for report in reports:
        assert report["stats"] == [] and report["user_count"] == 0


def no_bytes_in(value):
    if isinstance(value, dict):
        return all(no_bytes_in(k) and no_bytes_in(v) for k, v in value.items())
    if isinstance(value, list):
        return all(no_bytes_in(item) for item in value)
    return not isinstance(value, bytes)


ENTRY_KEYS = {
    "name", "method", "last_request_timestamp", "start_time", "num_requests", "num_none_requests", "num_failures",
    "total_response_time", "max_response_time", "min_response_time", "total_content_length", "response_times",
    "num_reqs_per_sec", "num_fail_per_sec",
}  # fmt: skip


def test_reports_are_deltas_whose_totals_agree(admitted, lab):
    fake, _ = admitted
    target = lab.target()
    fake.spawn({"HelloUser": 3, "HeavyUser": 2}, host=target.url)
    heard = fake.listen(8)
    fake.send("stop", None)
    heard += fake.listen(4)
    reports = [data for _, kind, data in heard if kind == "stats"]
    assert all(no_bytes_in(report) for report in reports)
    counted = 0
    for report in reports:
        total = report["stats_total"]
        assert (total["name"], total["method"]) == ("Aggregated", "")
        for entry in report["stats"]:
            assert entry.keys() >= ENTRY_KEYS
            assert entry["num_requests"] > 0, "only entries that had requests"
            assert sum(entry["response_times"].values()) == entry["num_requests"] - entry["num_none_requests"]
            assert sum(entry["num_reqs_per_sec"].values()) == entry["num_requests"]
            assert entry["min_response_time"] <= entry["max_response_time"]
            assert entry["total_response_time"] >= entry["max_response_time"]
        for key in "num_requests", "num_failures", "num_none_requests", "total_content_length":
            assert total[key] == sum(entry[key] for entry in report["stats"]), key
        counted += total["num_requests"]
    assert counted == target.completed > 50
    assert max(report["user_count"] for report in reports) == 5
    assert {"HelloUser": 3, "HeavyUser": 2}.items() <= next(
        r["user_classes_count"] for r in reports if r["user_count"] == 5
    ).items()


def test_spawn_messages_are_absolute_and_old_ones_are_discarded(admitted, lab):
    fake, _ = admitted
    target = lab.target()
    fake.spawn({"HelloUser": 2}, host=target.url)
    assert fake.expect("spawning") is None
    done = fake.expect("spawning_complete")
    assert done["user_count"] == 2 and done["user_classes_count"]["HelloUser"] == 2
    fake.spawn({"HelloUser": 7}, host=target.url, age=1)
    heard = [(kind, data) for _, kind, data in fake.listen(4.5)]
    assert "spawning_complete" not in [kind for kind, _ in heard]
    assert [data["user_count"] for kind, data in heard if kind == "stats"][-1] == 2
    fake.spawn({"HelloUser": 2}, host=target.url)
    assert fake.expect("spawning_complete")["user_count"] == 2
    assert target.completed_of("/status/201") == 2, "the same users go on"


def test_stop_reports_before_it_says_stopped_and_is_ready_again_after(admitted, lab):
    fake, worker = admitted
    target = lab.target()
    fake.spawn({"HelloUser": 3}, host=target.url)
    fake.expect("spawning_complete")
    fake.listen(1)
    fake.send("stop", None)
    heard = [(kind, data) for _, kind, data in fake.listen(3) if kind != "heartbeat"]
    kinds = [kind for kind, _ in heard]
    assert kinds.index("client_stopped") < kinds.index("client_ready")
    last_before = [data for kind, data in heard[: kinds.index("client_stopped")] if kind == "stats"][-1]
    assert last_before["stats_total"]["num_requests"] > 0 and last_before["user_count"] == 0
    assert worker.alive


def test_stop_without_a_test(admitted):
    fake, worker = admitted
    fake.send("stop", None)
    fake.expect("client_stopped")
    assert fake.expect("client_ready") == -1
    assert worker.alive


def test_quit_reports_and_exits(admitted, lab):
    fake, worker = admitted
    target = lab.target()
    fake.spawn({"HelloUser": 3}, host=target.url)
    fake.expect("spawning_complete")
    eventually(lambda: target.completed > 10, "requests")
    fake.send("quit", None)
    heard = fake.listen(3)
    counted = sum(data["stats_total"]["num_requests"] for _, kind, data in heard if kind == "stats")
    assert counted > 0
    assert worker.wait(10) == 0


def nested(depth):
    value = None
    for _ in range(depth):
        value = [value]
    return value


DAMAGED = {
    "empty": b"",
    "text": b"GET / HTTP/1.1\r\n\r\n",
    "random": bytes(range(256)),
    "cut short": msgpack.packb(["spawn", {"timestamp": 1.0, "user_classes_count": {"HelloUser": 5}}, "x"])[:-9],
    "not an array": msgpack.packb({"type": "spawn"}),
    "too few": msgpack.packb(["spawn"]),
    "number for a type": msgpack.packb([7, None, "x"]),
    "promises four billion items": b"\xdd\xff\xff\xff\xff",
    "promises four gigabytes": b"\x93\xdb\xff\xff\xff\xff",
    "invalid UTF-8": b"\x93\xa3\xff\xfe\xfd\xc0\xa1x",
    "very deep": b"\x93\xa5stats" + b"\x91" * 100_000 + b"\xc0\xa1x",
}


@pytest.mark.parametrize("frame", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_frame_is_survived(admitted, lab, frame):
    fake, worker = admitted
    fake.send_frame(frame)
    message = worker.wait_for_output(r".*/(?:ERROR|WARNING)/.*").group()
    assert "master" in message or "message type" in message, "it says what that was"
    target = lab.target()
    fake.spawn({"HelloUser": 1}, host=target.url)
    assert fake.expect("spawning_complete")["user_count"] == 1
    assert "heartbeat" in [kind for _, kind, _ in fake.listen(2.5)]
    assert worker.alive


ODD = {
    "spawn without data": ("spawn", None),
    "spawn without counts": ("spawn", {"timestamp": 9e9, "host": None, "stop_timeout": None, "parsed_options": {}}),
    "negative count": (
        "spawn",
        {"timestamp": 9e9, "user_classes_count": {"HelloUser": -4}, "host": "", "stop_timeout": 0, "parsed_options": {}},
    ),
    "counts of another type": ("spawn", {"timestamp": "now", "user_classes_count": [1], "host": 7}),
    "ack without data": ("ack", None),
    "a class edit without a name": ("update_user_class", {"weight": 4}),
    "unknown type": ("make-coffee", {"sugar": 2}),
}


@pytest.mark.parametrize("kind, data", ODD.values(), ids=ODD.keys())
def test_a_message_that_makes_no_sense_is_survived(admitted, kind, data):
    fake, worker = admitted
    fake.send(kind, data)
    fake.listen(1.5)
    assert worker.alive
    assert "heartbeat" in [kind for _, kind, _ in fake.listen(2.5)]
    if kind != "ack":
        assert "/WARNING/" in worker.output() or "/ERROR/" in worker.output()


def test_reconnect_keeps_the_identity_and_the_users(admitted, lab):
    fake, worker = admitted
    target = lab.target()
    fake.spawn({"HelloUser": 2}, host=target.url)
    fake.expect("spawning_complete")
    before = fake.worker
    fake.send("reconnect", None)
    worker.wait_for_output("(?i)reconnect")
    assert "heartbeat" in [kind for _, kind, _ in fake.listen(5)], "it speaks again"
    assert fake.worker == before
    fake.spawn({"HelloUser": 4}, host=target.url)
    assert fake.expect("spawning_complete")["user_count"] == 4
    assert target.completed_of("/status/201") == 4


def test_state_follows_the_test(admitted, lab):
    fake, _ = admitted
    target = lab.target()
    assert fake.expect("heartbeat")["state"] == "ready"
    fake.spawn({"HelloUser": 2}, host=target.url)
    fake.expect("spawning_complete")
    assert fake.expect("heartbeat")["state"] in ("spawning", "running")
    assert fake.expect("heartbeat")["state"] == "running"


def test_lines_in_the_log_have_locusts_form(admitted):
    _, worker = admitted
    first = worker.output().splitlines()[0]
    host = os.uname().nodename
    assert first.startswith("[") and f"] {host}/INFO/katydid." in first


@pytest.mark.slow
def test_a_silent_master_ends_the_worker_after_a_minute(admitted, lab):
    fake, worker = admitted
    target = lab.target()
    fake.spawn({"HelloUser": 2}, host=target.url)
    fake.expect("spawning_complete")
    fake.receive(5)
    fake.answers_heartbeats = False
    assert worker.alive
    fake.listen(75)
    assert worker.wait(10) == 0, "as Locust's own"
    assert "Didn't get heartbeat from master" in worker.output()
    assert target.completed > 100, "it went on until it gave up"


@pytest.mark.slow
def test_reconnect_forever_outlasts_a_silent_master(lab, fake):
    target = lab.target()
    worker = lab.worker("load", fake.port, ["--reconnect-forever"])
    fake.admit()
    fake.spawn({"HelloUser": 2}, host=target.url)
    fake.expect("spawning_complete")
    fake.receive(5)
    before = fake.worker
    fake.answers_heartbeats = False
    assert "client_ready" in [kind for _, kind, _ in fake.listen(75)], "it announces itself again"
    assert "Didn't get heartbeat from master" in worker.output()
    served = target.completed
    fake.listen(6)
    assert target.completed == served > 100, "its users stopped"
    assert worker.alive and fake.worker == before
    fake.answers_heartbeats = True
    fake.admit()
    fake.spawn({"HelloUser": 2}, host=target.url)
    assert fake.expect("spawning_complete")["user_count"] == 2
    eventually(lambda: target.completed > served, "the new test's requests")
