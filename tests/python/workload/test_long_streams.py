"""A stream takes little memory, whatever its size."""

from __future__ import annotations

import pathlib
import re
import sys
from typing import Any

import pytest

from ..bench import HERE, PYTHONPATH, opened

FILES = HERE / "locustfiles"


@pytest.mark.parametrize("mode", ["cpp", "asyncio", "trio", "gevent"])
def test_a_gibibyte(mode: str, tmp_path: pathlib.Path) -> None:
    with opened(mode, tmp_path) as bench:
        python: list[Any] = [sys.executable, "-m"]
        commands = {
            "cpp": [bench.lab.katydid, "-f", FILES / "long_stream.cpp"],
            "gevent": [*python, "katydid.gevent", "-f", FILES / "long_stream_plain.py"],
        }
        command = commands.get(mode, [*python, "katydid", "-f", FILES / "long_stream.py"])
        users = 2 if mode == "cpp" else 1  # of both clients
        options = ["--headless", "-u", users, "-r", users, "--host", bench.target.url]
        worker = bench.lab.run("worker", [*command, *options], {"PYTHONPATH": PYTHONPATH, "TEST_LOOP": mode})
        worker.wait_for_output(rf"(KiB more[\s\S]*){{{users}}}", 120)
        assert worker.terminate() == 0, worker.output()
        for size, more in re.findall(r"(\d+) bytes, (\d+) KiB more", worker.output()):
            assert int(size) == 2**30
            assert int(more) < 2048
        assert bench.target.completed == 2 * users
