"""Where the time of requests went, as entries of their own under a real master."""

from __future__ import annotations

import pathlib
import sys
from typing import Any

import pytest

from ..bench import HERE, PYTHONPATH, opened

PHASES = HERE / "locustfiles" / "phases"
PLAIN = PHASES.with_name("phases_plain.py")


@pytest.mark.parametrize("mode", ["cpp", "asyncio", "trio", "gevent"])
def test_phases_are_entries_apart(mode: str, tmp_path: pathlib.Path) -> None:
    with opened(mode, tmp_path) as bench:
        url = bench.target.url.replace("127.0.0.1", "localhost")
        lab, run = bench.lab, f"-u 4 -r 4 -t 3s -s 3 --host {url} --expect-workers 1"
        options = ["--worker", "--master-port", "{port}", "--report-phases"]
        environment = {"PYTHONPATH": PYTHONPATH}
        if mode == "gevent":
            master = lab.master(PLAIN, run=run)
            command: list[Any] = [sys.executable, "-m", "katydid.gevent", "-f", PLAIN]
        elif mode == "cpp":
            master = lab.master(lab.printed_locustfile(PHASES.with_suffix(".cpp")), run=run)
            command = [lab.katydid, "-f", PHASES.with_suffix(".cpp"), "--processes", 1]
        else:
            master = bench.master(file=PHASES.with_suffix(".py"), run=run)
            command = [sys.executable, "-m", "katydid", "-f", PHASES.with_suffix(".py")]
            environment["TEST_LOOP"] = mode
        worker = lab.run("worker", command + [master.port if o == "{port}" else o for o in options], environment)
        final = master.final()
        assert worker.wait(30) == 0, worker.output()
        connections = bench.target.counts()["connections"]

    entries = {entry["name"]: entry for entry in final["entries"]}
    requests = {name: entries[name]["num_requests"] for name in ("/slow", "/late", "/wrong")}
    assert min(requests.values()) >= 4
    assert final["total"]["num_requests"] == sum(requests.values()), "phases are in no total"
    assert entries["/wrong"]["num_failures"] == requests["/wrong"]
    for name, least in (("/slow", 0), ("/late", 39)):
        for phase in ("request sent", "first byte"):
            assert entries[f"{name} [{phase}]"]["num_requests"] == requests[name]
            assert entries[f"{name} [{phase}]"]["num_failures"] == 0
        assert entries[f"{name} [first byte]"]["avg_response_time"] >= least
    assert entries["/slow"]["avg_response_time"] - entries["/slow [first byte]"]["avg_response_time"] > 50
    if mode == "gevent":
        assert "/wrong [first byte]" not in entries, "the option's help says so"
    else:
        assert entries["/wrong [first byte]"]["num_requests"] == requests["/wrong"]
    connects = sum(entry["num_requests"] for name, entry in entries.items() if name.endswith(" [connect]"))
    assert connects == connections
    lookups = sum(entry["num_requests"] for name, entry in entries.items() if name.endswith(" [name lookup]"))
    assert 1 <= lookups <= connects
    assert not any("[TLS]" in name for name in entries)
