"""Locustfiles of Locust under a real master, on Katydid's engine: all that the target has answered is counted."""

from __future__ import annotations

import json
import re
import signal
import sys
import time
from collections import Counter

import pytest
from cut_off import cut_off_by_name
from real_master import KATYDID, LOCUST, PROGRAM, Processes, ended
from recording_target import RecordingTarget


def answered(target: RecordingTarget, log: str = "") -> dict[str, int]:
    """What the target has seen, by the names that the locustfile gives it, less what the worker's log lists as cut off:
    where a machine is held up, an answer may take longer than users that stop wait for it.
    """
    counts = Counter(f"{request.method} {request.target}".replace("/delay/150", "/delay") for request in target.take())
    counts.subtract(cut_off_by_name(log))
    return {**counts, "Aggregated": counts.total()}


HEADLESS = ("--headless", "-u", "12", "-r", "12", "-t", "4s", "--only-summary", "--expect-workers")


def test_nothing_is_lost_at_quit(target: RecordingTarget, processes: Processes) -> None:
    master = processes.master("users.py", target.url, *HEADLESS, "1")
    worker = processes.worker("users.py")
    assert ended(worker) == 0
    ended(master)
    assert processes.totals() == answered(target, processes.text("worker"))
    assert set(processes.totals()) == {"GET /hello", "GET /delay", "POST /echo", "GET /status/404", "Aggregated"}
    assert list(processes.failures()) == ["GET /status/404: LocustBadStatusCode(code=404)"]


def test_nothing_is_lost_at_stop_and_a_second_test(target: RecordingTarget, processes: Processes) -> None:
    master = processes.master("users.py", target.url, "--web-port", str(processes.web_port), "--web-host", "127.0.0.1")
    worker = processes.worker("users.py")
    processes.wait_until("master", "1 workers connected")
    for _ in range(2):
        told = len(processes.text("worker"))
        processes.web("/swarm", user_count=10, spawn_rate=10, host=target.url)
        target.wait_for(150)
        processes.stop_test()
        time.sleep(4)  # the last report follows within three seconds
        stats = json.loads(processes.web("/stats/requests"))
        counted = {f"{s['method'] or ''} {s['name']}".strip(): s["num_requests"] for s in stats["stats"]}
        assert counted == answered(target, processes.text("worker")[told:])
        assert counted["Aggregated"] > 100
    master.signal(signal.SIGTERM)
    ended(master)
    assert ended(worker) == 0


def test_nothing_is_lost_when_a_worker_is_terminated(target: RecordingTarget, processes: Processes) -> None:
    master = processes.master("users.py", target.url, *HEADLESS, "1", "-t", "20s")
    worker = processes.worker("users.py")
    target.wait_for(200)
    worker.signal(signal.SIGTERM)
    ended(worker)
    ended(master)
    assert processes.totals() == answered(target, processes.text("worker"))
    assert processes.totals()["Aggregated"] > 100


def test_beside_a_plain_python_worker(target: RecordingTarget, processes: Processes) -> None:
    master = processes.master("users.py", target.url, *HEADLESS, "2")
    workers = [processes.worker("users.py"), processes.worker("users.py", "plain", LOCUST)]
    assert [ended(worker) for worker in workers] == [0, 0]
    ended(master)
    counted, seen = processes.totals(), answered(target, processes.text("worker"))
    assert counted.keys() == seen.keys()
    # Locust's own worker loses what its users have under way at the end: at most one request a user.
    assert 0 <= seen["Aggregated"] - counted["Aggregated"] <= 6


def test_processes(target: RecordingTarget, processes: Processes) -> None:
    master = processes.master("users.py", target.url, *HEADLESS, "2")
    parent = processes.worker("users.py", "worker", KATYDID, "--processes", "2", "--worker")
    assert ended(parent) == 0
    ended(master)
    assert processes.totals() == answered(target, processes.text("worker"))


def test_locustfile_from_the_master(target: RecordingTarget, processes: Processes) -> None:
    master = processes.master("users.py", target.url, *HEADLESS, "1")
    worker = processes.worker("-")
    assert ended(worker) == 0
    ended(master)
    assert processes.totals() == answered(target, processes.text("worker"))


@pytest.mark.parametrize(("link", "missing"), [("native", False), ("locust", True)])
def test_heartbeats_need_no_python(target: RecordingTarget, processes: Processes, link: str, missing: bool) -> None:
    """A task that computes for five seconds: with Locust's own link the master takes the worker for missing."""
    options = ("--headless", "-u", "1", "-t", "8s", "--only-summary", "--expect-workers", "1")
    master = processes.master("blocking.py", target.url, *options)
    worker = processes.worker("blocking.py", "worker", KATYDID, "--katydid-link", link)
    ended(worker, 60)
    ended(master, 60)
    assert ("failed to send heartbeat" in processes.text("master")) == missing


def test_exceptions_reach_the_master(target: RecordingTarget, processes: Processes) -> None:
    master = processes.master("failing.py", target.url, *HEADLESS, "1")
    ended(processes.worker("failing.py"))
    ended(master)
    exceptions = (processes.folder / "run_exceptions.csv").read_text()
    assert "a bug in a task" in exceptions
    assert 'raise RuntimeError("a bug in a task")' in exceptions.replace('""', '"')


@pytest.mark.parametrize("client", ["native", "locust"])
def test_local_run(target: RecordingTarget, processes: Processes, client: str) -> None:
    """Without a master: console and CSV have the same numbers, whichever client."""
    options = ["--headless", "-u", "12", "-r", "12", "-t", "3s", "--csv", str(processes.folder / "run")]
    run = processes.worker("users.py", "worker", KATYDID, "--host", target.url, "--katydid-client", client, *options)
    assert ended(run) == 1  # Locust's exit code where requests have failed
    last_table = processes.text("worker").rpartition("Type     Name")[0].rpartition("Type     Name")[2]
    found = re.search(r"Aggregated\s+(\d+)\s+(\d+)\(", last_table)
    assert found, last_table
    seen = answered(target, processes.text("worker"))
    assert int(found.group(2)) > 0
    assert int(found.group(1)) > 12  # more than one a user
    if client == "native":
        assert int(found.group(1)) == seen["Aggregated"]
        assert int(found.group(2)) == seen["GET /status/404"]


def test_workers_of_all_kinds(target: RecordingTarget, processes: Processes) -> None:
    """C++, Locust's own, and Katydid's on gevent, asyncio and Trio, under one master."""
    options = ("--headless", "-u", "10", "-r", "10", "-t", "6s", "--only-summary", "--expect-workers", "5")
    master = processes.master("mixed_gevent.py", target.url, *options)
    package = [sys.executable, "-m", "katydid"]
    workers = {
        "native": processes.worker("mixed.cpp", "native", [PROGRAM]),
        "plain": processes.worker("mixed_gevent.py", "plain", LOCUST),
        "gevent": processes.worker("mixed_gevent.py", "gevent", package),
        "asyncio": processes.worker("mixed_asyncio.py", "asyncio", package),
        "trio": processes.worker("mixed_trio.py", "trio", package),
    }
    assert {name: ended(worker, 90) for name, worker in workers.items()} == dict.fromkeys(workers, 0)
    ended(master)
    counted, seen = processes.totals(), answered(target)
    assert counted.keys() == seen.keys() == {"GET /hello", "Aggregated"}
    assert counted["Aggregated"] > 500
    assert 0 <= seen["Aggregated"] - counted["Aggregated"] <= 2  # what Locust's own worker has under way at the end


def test_no_exception_ends_a_worker(target: RecordingTarget, processes: Processes) -> None:
    """Of a user or a listener, whatever its text and type; and a wait time that is no number keeps nobody busy."""
    options = ("--headless", "-u", "7", "-r", "7", "-t", "4s", "--only-summary", "--expect-workers", "1")
    master = processes.master("odd_exceptions.py", target.url, *options)
    worker = processes.worker("odd_exceptions.py")
    ended(worker)
    ended(master)
    totals = processes.totals()
    assert totals["GET steady"] > 20
    assert totals["Aggregated"] == sum(1 for _ in target.take())
    exceptions = (processes.folder / "run_exceptions.csv").read_text()
    for text in (r"half a pair \ud83d", "MuteError, whose repr() raises", "the wait time is nan"):
        assert text in exceptions, text
    # the master puts those together that were raised in the same place, under the text of whichever came first
    assert re.search("^3,(base|generator|exit),", exceptions, re.MULTILINE), exceptions
    assert processes.text("worker").count("a listener") >= 3
