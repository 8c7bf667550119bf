"""At every ending of a test a WebSocket's server has counted what the master has, but for what is listed as cut off."""

from __future__ import annotations

import collections
import pathlib
import time
from typing import Any

import pytest
import websocket_server
from cut_off import cut_off
from harness.endings import end

from ..bench import opened
from ..conftest import ROOT

USERS = ROOT / "tests" / "python" / "locustfiles" / "websocket_users.py"


def by_type(entries: list[dict[str, Any]]) -> collections.Counter[str]:
    counts: collections.Counter[str] = collections.Counter()
    for each in entries:
        counts["close" if " close " in each["name"] else each["method"]] += each["num_requests"]
    return counts


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@pytest.mark.parametrize("ending", ["stop", "stop timeout", "sigterm", "quit"])
def test_nothing_is_lost(tmp_path: pathlib.Path, loop: str, ending: str) -> None:
    options = ["--stop-timeout", "10"] if ending == "stop timeout" else []
    with websocket_server.running("websockets") as server, opened(loop, tmp_path) as bench:
        master = bench.master(file=USERS, options=options)
        worker = bench.worker(master, file=USERS)
        master.wait_for_workers(1)
        master.swarm(20, rate=100, host=server.url)
        master.wait_for_users(20)
        time.sleep(2)
        entries = end(ending, master, worker)["entries"]
        counted, there = by_type(entries), server.settled()
        print(f"master {counted}, server {there}")
        assert sum(each["num_failures"] for each in entries) == 0
        assert cut_off(worker.output()) == 0, "each user has received what it had asked for"
        assert counted["WSC"] + counted["WSS"] == there["received"] > 50
        assert counted["WSC"] + counted["WSR"] <= there["sent"]
        assert counted["WS"] == there["connections"]
        assert there["close 1006"] == 0, "who lets go of a WebSocket says so"
        if ending == "stop timeout":
            assert counted["close"] == there["close 1000"] == there["connections"]
