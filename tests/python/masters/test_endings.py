"""However a test ends, and whatever its users ask for: all that the target has answered is counted or listed."""

from __future__ import annotations

import json
import pathlib
import re
import signal
import time
from collections.abc import Callable, Iterator

import pytest
import tinyproxy
from cut_off import cut_off, cut_off_by_name
from harness.process import Process
from harness.target import Target
from kinds import FAILS, MISSING, PROXIED, lost, started_by_path
from real_master import PROGRAM, Processes, ended, modes

TARGET = pathlib.Path(PROGRAM).with_name("katydid-target")
USERS = 24
MODES = modes("kinds_gevent.py", "kinds_coroutines.py", "kinds.cpp")


class Run:
    """A master with one worker of that mode."""

    def __init__(self, mode: str, processes: Processes, environment: pytest.MonkeyPatch) -> None:
        self.left_out = MISSING[mode] | (PROXIED if tinyproxy.PROGRAM is None else set())
        self.processes = processes
        self.file, base, user_class, self.command = MODES[mode]
        environment.setenv("KINDS_BASE", base)
        environment.setenv("KINDS_CLASS", user_class)
        self.target = Target(TARGET, "target", processes.folder, "--tls-self-signed")
        processes.started.append(self.target)
        environment.setenv("KINDS_TLS", self.target.tls_url)

    def start(self, *options: str) -> None:
        """Users under a master with a web interface."""
        self.web = ["--web-host", "127.0.0.1", "--web-port", str(self.processes.web_port)]
        self.master = self.processes.master("kinds_master.py", self.target.url, *self.web, *options)
        self.worker = self.processes.worker(self.file, "worker", self.command)
        self.processes.wait_until("master", "1 workers connected", 90)
        self.swarm(USERS)
        time.sleep(2.5)

    def swarm(self, users: int) -> None:
        self.processes.web("/swarm", user_count=users, spawn_rate=USERS, host=self.target.url)

    def counted(self) -> dict[str, int]:
        """What the master knows now."""
        stats = json.loads(self.processes.web("/stats/requests"))["stats"]
        return {f"{s['method']} {s['name']}": s["num_requests"] for s in stats if s["name"] != "Aggregated"}

    def lost(self, counted: dict[str, int]) -> list[str]:
        log = self.worker.output()
        started = started_by_path(self.target.counts())
        return lost(self.left_out, counted, started, dict(cut_off_by_name(log)), cut_off(log))

    def check(self) -> None:
        """Reports come every three seconds, and the web interface may be two seconds late."""
        end = time.monotonic() + 8
        while (found := self.lost(self.counted())) and time.monotonic() < end:
            time.sleep(0.2)
        assert not found


@pytest.fixture
def proxy(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A real one, where it is installed."""
    if tinyproxy.PROGRAM is None:
        yield
        return
    with tinyproxy.running(tmp_path, "MaxClients 1000") as port:
        monkeypatch.setenv("KINDS_PROXY", f"http://127.0.0.1:{port}")
        yield


@pytest.fixture(params=MODES)
def run(
    request: pytest.FixtureRequest, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, proxy: None
) -> Iterator[Run]:
    with Processes(tmp_path) as processes:
        yield Run(request.param, processes, monkeypatch)


def headless(*options: str) -> list[str]:
    return ["--headless", "-u", str(USERS), "-r", str(USERS), "--only-summary", *options]


def test_quit(run: Run) -> None:
    options = headless("--expect-workers", "1", "-t", "3s")
    master = run.processes.master("kinds_master.py", run.target.url, *options)
    run.worker = run.processes.worker(run.file, "worker", run.command)
    assert ended(run.worker, 90) == 0
    ended(master)
    counted = run.processes.totals()
    del counted["Aggregated"]
    assert not run.lost(counted)
    assert {name.partition(":")[0] for name in run.processes.failures()} == {FAILS}


def test_stop(run: Run) -> None:
    run.start()
    run.processes.stop_test()
    run.check()


def test_stop_with_a_stop_timeout(run: Run) -> None:
    run.start("--stop-timeout", "5")
    run.processes.stop_test()
    run.check()
    log = run.worker.output()
    assert cut_off(log) == cut_off_by_name(log)["GET /delay/29"], "nothing but what any() gives up in C++"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_a_signal_to_the_worker(run: Run, number: int) -> None:
    run.start()
    run.worker.signal(number)
    ended(run.worker)
    run.check()


def test_ramp_down(run: Run) -> None:
    run.start()
    for users in (15, 6):
        run.swarm(users)
        time.sleep(1)
    run.processes.stop_test()
    run.check()


def test_users_that_end_themselves(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDS_ENDING", "StopUser")
    run.start()
    time.sleep(2)
    run.processes.stop_test()
    run.check()


def test_a_task_that_ends_the_worker(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDS_ENDING", "quit")
    run.start()
    ended(run.worker)
    run.check()


def counted_in(table: str) -> dict[str, int]:
    """The last of Locust's tables that a log has."""
    rows = table.rpartition("Type     Name")[0].rpartition("Type     Name")[2]
    found: list[tuple[str, str, str]] = re.findall(r"^([A-Z]+) +(\S+) +(\d+) +\d+\(", rows, re.MULTILINE)
    return {f"{method} {name}": int(count) for method, name, count in found}


@pytest.mark.parametrize("run", ["gevent-HttpUser", "gevent-FastHttpUser"], indirect=True)
@pytest.mark.parametrize(
    ("run_time", "end"),
    [("3s", lambda _: None), ("30s", lambda p: p.signal(signal.SIGTERM)), ("3s", lambda p: p.signal(signal.SIGTERM))],
    ids=["run time", "SIGTERM", "both"],
)
def test_a_run_without_a_master(run: Run, run_time: str, end: Callable[[Process], None]) -> None:
    options = headless("-t", run_time, "--host", run.target.url)
    run.worker = run.processes.worker(run.file, "worker", run.command, *options)
    run.worker.wait_for_output("All users spawned")
    time.sleep(2)
    end(run.worker)
    assert ended(run.worker) == 1  # Locust's exit code where requests have failed
    assert not run.lost(counted_in(run.worker.output()))
