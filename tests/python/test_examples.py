"""Every example in examples/python is run by a real master, without a failure."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import chat_server
import pytest
import shop_server
import websocket_server
from harness.table import last_table

from .bench import Bench, opened
from .conftest import ROOT

FOLDER = ROOT / "examples" / "python"
CHAT = FOLDER / "chat.py"
WEBSOCKET = FOLDER / "websocket.py"
FIRST = FOLDER / "first.py"
TESTED_ELSEWHERE = {CHAT, WEBSOCKET, FIRST, FOLDER / "http2.py", FOLDER / "grpc_users.py"}
EXAMPLES = sorted(set(FOLDER.glob("*.py")) - TESTED_ELSEWHERE)


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("", tmp_path) as bench:
        yield bench


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(bench: Bench, example: pathlib.Path) -> None:
    run = f"-u 8 -r 8 -t 3s --host {bench.target.url} --expect-workers 1"
    master = bench.master(file=example, run=run)
    worker = bench.worker(master, file=example)
    final = master.final(timeout=60)
    assert worker.wait() == 0
    assert final["total"]["num_failures"] == 0
    assert "ERROR" not in worker.output()
    entries = [entry for entry in final["entries"] if entry["num_requests"]]
    assert len(entries) >= 2
    assert final["total"]["num_requests"] > 30


def test_first(bench: Bench, tmp_path: pathlib.Path) -> None:
    """A plain locustfile, without a master: the table has what the shop's log has."""
    with shop_server.running(ROOT / "docs" / "tutorial-python.md", tmp_path / "first") as shop:
        options = ["--headless", "--only-summary", "-u", "8", "-r", "8", "-t", "3s", "-s", "5", "--host", shop.url]
        run = bench.run("katydid", *options, file=FIRST)
        assert run.wait(60) == 0
        counts = {name: requests for name, (requests, _) in last_table(run.output()).items()}
        assert counts["/items/[id]"] > counts["/"] > 0
        assert counts["Aggregated"] == shop.answered


@pytest.mark.parametrize("base", ["AsyncUser", "TrioUser"])
def test_chat(bench: Bench, tmp_path: pathlib.Path, base: str) -> None:
    """Counts and times are those of the server."""
    chat = tmp_path / "chat.py"
    chat.write_text(CHAT.read_text().replace("AsyncUser", base))
    with chat_server.running() as server:
        run = f"-u 5 -r 5 -t 4s --host {server.url} --expect-workers 1 --stop-timeout 10"
        master = bench.master(file=chat, run=run)
        worker = bench.worker(master, file=chat)
        final = master.final(timeout=60)
        assert worker.wait() == 0
        assert final["total"]["num_failures"] == 0
        assert "ERROR" not in worker.output()
        server.check(final["entries"])
        assert server.counts()["connections"] < 20, "connections serve again"


@pytest.mark.parametrize("server_kind", ["websockets", "aiohttp"])
@pytest.mark.parametrize("base", ["AsyncUser", "TrioUser"])
def test_websocket(bench: Bench, tmp_path: pathlib.Path, base: str, server_kind: str) -> None:
    """Counts are those of the server."""
    file = tmp_path / "websocket_users.py"
    file.write_text(WEBSOCKET.read_text().replace("AsyncUser", base))
    with websocket_server.running(server_kind) as server:
        run = f"-u 8 -r 8 -t 4s --host {server.url} --expect-workers 1 --stop-timeout 10"
        master = bench.master(file=file, run=run)
        worker = bench.worker(master, file=file)
        final = master.final(timeout=60)
        assert worker.wait() == 0
        assert final["total"]["num_failures"] == 0
        assert "ERROR" not in worker.output()
        server.check(final["entries"])
