"""Report files of asyncio and Trio users without a master."""

from __future__ import annotations

import csv
import json
import pathlib
import re
import subprocess
import sys

import pytest
import requests

LOCUSTFILE = """
from katydid import {base}, constant, task

class Visitor({base}):
    wait_time = constant(0.02)

    @task(5)
    async def hello(self):
        await self.client.get("/hello")

    @task
    async def hostile(self):
        await self.client.get("/status/500", name='"a", <b>\\n</script>')

    @task
    async def breaks(self):
        raise RuntimeError("thrown, with a comma")
"""


@pytest.mark.parametrize("loop", ["io_uring", "epoll"])
@pytest.mark.parametrize("base", ["AsyncUser", "TrioUser"])
def test_every_file_has_all_that_the_target_served(base: str, loop: str, target: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text(LOCUSTFILE.format(base=base))
    requests.post(f"{target}/counts/reset", timeout=10).raise_for_status()
    command = [sys.executable, "-m", "katydid", "-f", file, "--headless", "-u", "5", "-r", "10", "-t", "3s"]
    command += ["-H", target, "--event-loop", loop, "-s", "2", "--csv", tmp_path / "out" / "run", "--json"]
    done = subprocess.run([*command, "--html", tmp_path / "run.html"], capture_output=True, text=True, timeout=60)
    counts = requests.get(f"{target}/counts", timeout=10).json()
    served = sum(each["completed"] for each in counts["by_path"].values())

    with open(tmp_path / "out" / "run_stats.csv", newline="") as stream:
        rows = {row["Name"]: row for row in csv.DictReader(stream)}
    assert served > 50
    assert int(rows["Aggregated"]["Request Count"]) == served
    assert int(rows['"a", <b>\n</script>']["Failure Count"]) == counts["by_path"]["GET /status/500"]["completed"]
    assert sum(each["num_requests"] for each in json.loads(done.stdout)) == served
    page = (tmp_path / "run.html").read_text()
    (text,) = re.findall(r'id="data">([^<]*)</script>', page)
    assert sum(slot["requests"] for slot in json.loads(text)["slots"]) == served
    with open(tmp_path / "out" / "run_exceptions.csv", newline="") as stream:
        (thrown,) = csv.DictReader(stream)
    assert thrown["Message"] == "thrown, with a comma"
    assert "in breaks" in thrown["Traceback"]
