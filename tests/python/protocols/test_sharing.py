"""Connections that belong to all users of a loop."""

from __future__ import annotations

import pathlib
import sys

import pytest
from harness.table import last_table

from ..bench import HERE, PYTHONPATH, opened

SHARING = HERE / "locustfiles" / "sharing"


@pytest.mark.parametrize("mode", ["cpp", "asyncio", "trio"])
def test_users_share_connections(mode: str, tmp_path: pathlib.Path) -> None:
    with opened(mode, tmp_path) as bench:
        options = ["--headless", "--only-summary", "-u", 20, "-r", 20, "-t", "3s", "-s", "3", "-H", bench.target.url]
        if mode == "cpp":
            command = [bench.lab.katydid, "-f", SHARING.with_suffix(".cpp"), "--processes", 1, *options]
        else:
            command = [sys.executable, "-m", "katydid", "-f", SHARING.with_suffix(".py"), *options]
        process = bench.lab.run(mode, command, {"TEST_LOOP": mode, "PYTHONPATH": PYTHONPATH})
        assert process.wait(60) == 0, process.output()
        requests, failures = last_table(process.output())["/hello"]
        counts = bench.target.counts()
    assert failures == 0
    assert requests > 200
    assert requests == counts["completed"]
    assert counts["connections"] == 2
