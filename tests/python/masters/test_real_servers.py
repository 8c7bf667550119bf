"""nginx, uvicorn and the server of Python's library: what they begin to answer is counted, or listed as cut off."""

from __future__ import annotations

import json
import pathlib
import signal
import time
from collections import Counter
from collections.abc import Callable

import counting_server
import nginx
import pytest
from cut_off import cut_off, cut_off_by_name
from harness.process import Process
from harness.table import last_table
from real_master import LOCUSTFILES, Processes, ended, modes

MODES = modes("real/plain.py", "real/coroutines.py", "real/users.cpp")
USERS = 16
ALL = {"GET /small", "GET /large", "GET /pieces", "GET /half", "PUT /text", "PUT /made"}
STREAMS = {"GET /pieces", "GET /half"}


def is_ready(processes: Processes) -> bool:
    """A worker that has stopped is no master's until the stop timeout has passed, as with Locust's."""
    return [each["state"] for each in json.loads(processes.web("/stats/requests"))["workers"]] == ["ready"]


def combinations(*endings: str) -> list[tuple[str, str, int, str]]:
    """Each server meets each of the three endings twice, each mode meets each of them once, and stops either way."""
    return [
        (server, mode, 5 * ((i + k) % 2), endings[(i + k) % 3])
        for i, server in enumerate(["nginx", "uvicorn", "python"])
        for k, mode in enumerate(MODES)
    ]


def chosen(server: str, mode: str, environment: pytest.MonkeyPatch) -> tuple[str, str, list[str]]:
    """The mode's locustfile, user class and command."""
    if server == "nginx" and nginx.PROGRAM is None:
        pytest.skip("nginx is not installed (tools/setup --tests)")
    file, base, user_class, command = MODES[mode]
    environment.setenv("KINDS_BASE", base)
    environment.setenv("KINDS_CLASS", user_class)
    return file, user_class, command


def wrong(counted: Counter[str], asked: Counter[str], worker: Process) -> list[str]:
    log = worker.output()
    cut = Counter(cut_off_by_name(log))
    unnamed = cut_off(log) - cut.total()  # a list in the log names ten
    return [
        f"{path}: {counted[path]} counted, {cut[path]} cut off, {asked[path]} at the server"
        for path in counted.keys() | asked.keys()
        if not counted[path] <= asked[path] <= counted[path] + cut[path] + unnamed
    ]


def shown(processes: Processes) -> Counter[str]:
    """What the master knows now."""
    stats = json.loads(processes.web("/stats/requests"))["stats"]
    return Counter({f"{s['method']} {s['name']}": s["num_requests"] for s in stats if s["name"] != "Aggregated"})


@pytest.mark.parametrize(("server", "mode", "timeout", "ending"), combinations("quit", "SIGTERM", "SIGINT"))
def test_endings(
    server: str, mode: str, timeout: int, ending: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, _, command = chosen(server, mode, monkeypatch)
    kinds = ALL - STREAMS if mode == "gevent-FastHttpUser" else ALL
    with Processes(tmp_path) as processes, counting_server.running(server, tmp_path) as (url, asked):
        web = ["--web-host", "127.0.0.1", "--web-port", str(processes.web_port)]
        master = processes.master("kinds_master.py", url, *web, "--stop-timeout", str(timeout))
        worker = processes.worker(file, "worker", command)
        processes.wait_until("master", "1 workers connected", 90)

        def swarm(users: int) -> None:
            processes.web("/swarm", user_count=users, spawn_rate=USERS, host=url)

        def load() -> None:
            before = asked()
            swarm(USERS)
            until(lambda: all(asked()[kind] > before[kind] + USERS for kind in kinds), 30)

        load()
        swarm(USERS // 4)  # ramps down
        time.sleep(1)
        processes.stop_test()
        until(lambda: not wrong(shown(processes), asked(), worker), 8, lambda: wrong(shown(processes), asked(), worker))
        until(lambda: is_ready(processes), 15)
        stopped = asked()
        load()
        if ending == "quit":
            master.terminate()
            assert ended(worker) == 0
        else:
            worker.signal(signal.Signals[ending])
            assert ended(worker) == 0
            until(lambda: not wrong(shown(processes), asked() - stopped, worker), 8)
            master.terminate()
            ended(master)
        table = last_table(processes.text("master"))
        counted = Counter({kind: table[kind.split()[1]][0] for kind in kinds})
        until(lambda: not wrong(counted, asked() - stopped, worker), 8, lambda: wrong(counted, asked(), worker))
        assert table["Aggregated"] == (counted.total(), 0)


@pytest.mark.parametrize(
    ("server", "mode", "timeout", "ending"), combinations("StopUser", "quit by a task", "run time without a master")
)
def test_endings_that_no_master_orders(
    server: str, mode: str, timeout: int, ending: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, user_class, command = chosen(server, mode, monkeypatch)
    if ending in ("StopUser", "quit by a task"):
        monkeypatch.setenv("KINDS_ENDING", ending.split()[0])
    with Processes(tmp_path) as processes, counting_server.running(server, tmp_path) as (url, asked):
        load = ["--headless", "-u", str(USERS), "-r", str(USERS), "--only-summary", "--stop-timeout", str(timeout)]
        if ending == "run time without a master":
            options = [*load, "-t", "3s", "--host", url, user_class]
            worker = processes.start([*command, "-f", str(LOCUSTFILES / file), *options], "worker")
            assert ended(worker, 90) == 0
            table = last_table(worker.output())
        else:
            master = processes.master("kinds_master.py", url, "--expect-workers", "1", *load)
            worker = processes.worker(file, "worker", command)
            if ending == "StopUser":
                until(lambda: settled(asked), 90)
                master.terminate()
                assert ended(worker) == 0
            else:
                assert ended(worker, 90) == 0
                master.terminate()
            ended(master)
            table = last_table(processes.text("master"))
        kinds = ALL - STREAMS if mode == "gevent-FastHttpUser" else ALL
        counted = Counter({kind: table[kind.split()[1]][0] for kind in kinds})
        until(lambda: not wrong(counted, asked(), worker), 8, lambda: wrong(counted, asked(), worker))
        assert table["Aggregated"] == (counted.total(), 0)
        if ending == "StopUser":
            assert cut_off(worker.output()) == 0


def settled(asked: Callable[[], Counter[str]]) -> bool:
    """All users have ended."""
    before = asked()
    time.sleep(1.5)
    return before.total() > 0 and asked() == before


def until(check: Callable[[], bool], seconds: float, what: Callable[[], object] = lambda: "") -> None:
    """Reports come every three seconds, and the web interface may be two seconds late."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, what()
        time.sleep(0.2)
