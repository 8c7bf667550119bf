"""--request-log: as many lines as the target has served, of users in C++, on asyncio, Trio and gevent."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
from importlib.util import find_spec

import pytest
from harness.table import last_table

from ..bench import HERE, PYTHONPATH, opened

PHASES = HERE / "locustfiles" / "phases"
needs_locust = pytest.mark.skipif(find_spec("locust") is None, reason="no Locust here")


@pytest.mark.parametrize("mode", ["cpp", "asyncio", "trio", pytest.param("gevent", marks=needs_locust)])
def test_each_request_is_a_line(mode: str, tmp_path: pathlib.Path) -> None:
    log = tmp_path / "requests.jsonl"
    with opened(mode, tmp_path) as bench:
        options = ["--headless", "--only-summary", "-u", 6, "-r", 6, "-t", "2s", "-s", "3", "-H", bench.target.url]
        options += ["--request-log", log]
        if mode == "cpp":
            command = [bench.lab.katydid, "-f", PHASES.with_suffix(".cpp"), *options]
        else:
            file = PHASES.with_name("phases_plain.py") if mode == "gevent" else PHASES.with_suffix(".py")
            command = [sys.executable, "-m", "katydid", "-f", file, *options]
        process = bench.lab.run(mode, command, {"TEST_LOOP": mode, "PYTHONPATH": PYTHONPATH})
        assert process.wait(60) == 1, "requests fail"
        table = last_table(process.output())
        completed = bench.target.completed
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert len(lines) == table["Aggregated"][0] == completed > 10
    for name, status, length in (("/slow", 200, 4), ("/wrong", 404, None)):
        own = [line for line in lines if line["name"] == name]
        assert len(own) == table[name][0]
        for line in own:
            assert line["request_type"] == "GET"
            assert line["status"] == status
            assert line["response_length"] == length or length is None
            assert (line["exception"] is None) == (status == 200)
            assert line["url"].startswith(bench.target.url)
            assert 1.7e9 < line["start_time"] < 1e10
    assert all(line["response_time"] > 100 for line in lines if line["name"] == "/slow")


def test_workers_share_a_file(tmp_path: pathlib.Path) -> None:
    log = tmp_path / "requests.jsonl"
    with opened("cpp", tmp_path) as bench:
        file = PHASES.with_suffix(".cpp")
        run = f"-u 6 -r 6 -t 3s -s 3 --host {bench.target.url} --expect-workers 2"
        master = bench.lab.master(bench.lab.printed_locustfile(file), run=run)
        worker = bench.lab.run(
            "worker",
            [bench.lab.katydid, "-f", file, "--master-port", master.port, "--workers", 2, "--request-log", log],
        )
        total = master.final()["total"]["num_requests"]
        assert worker.wait(30) == 0, worker.output()
        assert total == bench.target.completed
    assert len([json.loads(line) for line in log.read_text().splitlines()]) == total > 30


@needs_locust
def test_a_plain_locustfile_ends_at_once_where_it_cannot_be_written(tmp_path: pathlib.Path) -> None:
    file, log = PHASES.with_name("phases_plain.py"), tmp_path / "missing" / "requests.jsonl"
    command = [sys.executable, "-m", "katydid", "-f", file, "--headless", "-t", "1s", "--request-log", log]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"katydid: error: --request-log can't write to {log}: No such file or directory" in done.stderr
