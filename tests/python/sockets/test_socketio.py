"""Locust's SocketIOUser runs as it is."""

from __future__ import annotations

import pathlib
import time

import socketio_server

from ..bench import eventually, opened
from ..conftest import ROOT

USERS = ROOT / "tests" / "python" / "locustfiles" / "socketio_users.py"


def test_the_servers_count_is_the_masters(tmp_path: pathlib.Path) -> None:
    with socketio_server.running() as (url, counts), opened("", tmp_path) as bench:
        master = bench.lab.master(USERS)
        worker = bench.worker(master, file=USERS)
        master.wait_for_workers(1)
        master.swarm(5, rate=5, host=url)
        eventually(lambda: counts()["called"] == 250, "each user has called fifty times", timeout=30)
        time.sleep(3.5)  # for the report
        assert "ERROR" not in worker.output()
        entries = [each for each in master.now()["entries"] if each["num_requests"]]
        assert sum(each["num_failures"] for each in entries) == 0
        found = {f"{each['method']} {each['name']}": each["num_requests"] for each in entries}
        there = counts()
        assert found["WS connect"] == there["connected"] == 5
        assert found["WSC echo"] == there["called"] == 250
        assert found["WSR news"] == there["pushed"] == 50
