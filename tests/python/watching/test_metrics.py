"""--metrics-port of asyncio and Trio users."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys
import time

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
    async def broken(self):
        await self.client.get("/status/500")

    @task
    async def breaks(self):
        raise RuntimeError("thrown")
"""


@pytest.mark.parametrize("base", ["AsyncUser", "TrioUser"])
def test_counters_grow_and_never_go_back(base: str, target: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text(LOCUSTFILE.format(base=base))
    requests.post(f"{target}/counts/reset", timeout=10).raise_for_status()
    command = [sys.executable, "-m", "katydid", "-f", file, "--headless", "--only-summary", "-u", "5", "-r", "10"]
    command += ["-t", "6s", "-s", "2", "-H", target, "--metrics-port", "0", "--logfile", tmp_path / "log"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        url = _url_in(tmp_path / "log")
        pages = []
        while process.poll() is None:
            try:
                pages.append(requests.get(url, timeout=5).text)
            except requests.ConnectionError:
                break
            time.sleep(0.3)
        process.wait(30)
    finally:
        process.kill()
    totals = [_total(page, "katydid_requests_total") for page in pages]
    counts = requests.get(f"{target}/counts", timeout=10).json()
    served = sum(each["completed"] for each in counts["by_path"].values())
    assert len(set(totals)) > 3
    assert totals == sorted(totals)
    assert 0 < totals[-1] <= served
    assert _total(pages[-1], "katydid_errors_total") == _total(pages[-1], "katydid_request_failures_total") > 0
    assert _total(pages[-1], "katydid_task_exceptions_total") > 0
    assert any('katydid_users{user_class="Visitor"} 5' in page for page in pages)


def _url_in(log: pathlib.Path) -> str:
    for _ in range(200):
        if log.exists() and (found := re.search(r"Metrics are at (\S+)", log.read_text())):
            return found.group(1)
        time.sleep(0.05)
    pytest.fail("it never said where its metrics are")


def _total(page: str, metric: str) -> int:
    return sum(int(value) for value in re.findall(rf"^{metric}(?:{{.*}})? (\d+)$", page, re.MULTILINE))
