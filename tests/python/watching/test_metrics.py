"""--metrics-port of users in Python: asyncio, Trio and Locust's own on gevent."""

from __future__ import annotations

import pathlib
import re
import socket
import subprocess
import sys
import time
from typing import Any

import pytest
import requests
from harness.prometheus import Prometheus, complaints
from ports import free_port

from ..bench import PYTHONPATH, eventually, opened

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


PLAIN = """
import locust

class Visitor(locust.{base}):
    wait_time = locust.constant(0.02)

    @locust.task(5)
    def hello(self):
        self.client.get("/hello")

    @locust.task
    def broken(self):
        self.client.get("/status/500")

    @locust.task
    def breaks(self):
        raise RuntimeError("thrown")
"""


@pytest.mark.parametrize("base", ["AsyncUser", "TrioUser", "HttpUser", "FastHttpUser"])
def test_counters_grow_and_never_go_back(base: str, target: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text((LOCUSTFILE if base in ("AsyncUser", "TrioUser") else PLAIN).format(base=base))
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


def _answered(master: Any) -> int:
    """Requests in the master's table that the target has seen."""
    return sum(each["num_requests"] for name, each in master.entries().items() if name != "by event")


REPORTED = """
import time
import locust

class ReportedUser(locust.HttpUser):
    wait_time = locust.constant(0.02)

    @locust.task
    def all(self):
        self.client.get("/hello")
        self.client.post("/status/404", name="missing")
        with self.client.get("/hello", name="judged", catch_response=True) as answer:
            answer.failure("never good enough")
        self.environment.events.request.fire(
            request_type="OWN", name="by event", response_time=1.5, response_length=7, exception=None, context={}
        )
        raise RuntimeError("thrown")
"""


@pytest.mark.parametrize("recording", ["native", "events"])
def test_prometheus_and_the_master_have_the_same_figures_of_gevent(recording: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text(REPORTED)
    with opened("gevent", tmp_path) as bench:
        master = bench.lab.master(file)
        options = ["--master-port", master.port, "--metrics-port", "0", "--katydid-recording", recording]
        worker = bench.lab.run(
            "worker", [sys.executable, "-m", "katydid", "-f", file, *options], {"PYTHONPATH": PYTHONPATH}
        )
        url = worker.wait_for_output(r"Metrics are at (http://\S+)", timeout=60).group(1)
        prometheus = Prometheus(bench.lab, url.split("/")[2])
        master.wait_for_workers(1)
        eventually(lambda: prometheus.query("katydid_state", "state").get("ready") == 1, "the worker is ready")
        served = before = 0
        for _ in range(2):  # a new test, whose table begins at 0: counters go on
            master.swarm(5, rate=10, host=bench.target.url)
            eventually(lambda: prometheus.query("katydid_users", "user_class") == {"ReportedUser": 5}, "users are seen")
            master.wait_for_requests(200)
            master.stop()
            master.wait_for_workers(1)
            answered = bench.target.completed - before
            eventually(lambda answered=answered: _answered(master) == answered, "the last report has come")
            before += answered
            table = master.entries()
            served += sum(each["num_requests"] for each in table.values())
            eventually(lambda served=served: prometheus.value("katydid_requests_total") == served, "all is counted")
        assert prometheus.value("katydid_requests_total{method!='OWN'}") == bench.target.completed
        assert prometheus.value("resets(katydid_requests_total[10m])") == 0
        requests_by_name = prometheus.query("katydid_requests_total")
        assert set(requests_by_name) == set(table)
        assert prometheus.query("katydid_response_time_seconds_count") == requests_by_name
        assert prometheus.value("katydid_loop_lag_seconds_count") > 50
        failures = prometheus.query("katydid_request_failures_total")
        assert {name for name, count in failures.items() if count} == {"missing", "judged"}
        assert failures["judged"] == requests_by_name["judged"]
        assert prometheus.value("katydid_errors_total") == sum(failures.values())
        assert prometheus.value("katydid_task_exceptions_total") > 0
        assert prometheus.value('katydid_reports_total{result="sent"}') > 0
        assert prometheus.query("katydid_users", "user_class") == {"ReportedUser": 0}
        assert not complaints(requests.get(url, timeout=5).content)


def test_many_names_hurt_nobody(target: str, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text("""
import itertools
import locust

number = itertools.count()

class Visitor(locust.FastHttpUser):
    @locust.task
    def hello(self):
        for _ in range(100):
            self.client.get("/hello", name=f"/hello/{next(number)}")
""")
    command = [sys.executable, "-m", "katydid", "-f", file, "--headless", "--only-summary", "-u", "4", "-r", "4"]
    command += ["-t", "40s", "-H", target, "--metrics-port", "0"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    try:
        url = _url_in(tmp_path / "log")
        slowest, total, page = 0.0, 0, ""
        while total < 12_000 and process.poll() is None:
            begun = time.monotonic()
            page = requests.get(url, timeout=5).text
            slowest = max(slowest, time.monotonic() - begun)
            total = _total(page, "katydid_requests_total")
            time.sleep(0.3)
    finally:
        process.kill()
        process.wait()
    assert total >= 12_000
    assert _total(page, "katydid_requests_beyond_name_limit_total") == total - 1_000
    assert page.count("katydid_response_time_seconds_count{") == 1_001
    assert len(page) < 4_000_000
    assert slowest < 1


def test_a_port_that_is_taken_ends_it_at_once(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text(PLAIN.format(base="HttpUser"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "katydid", "-f", file, "--headless", "-t", "5s", "--metrics-port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert f"argument --metrics-port: can't listen on 127.0.0.1:{port}: Address already in use" in done.stderr


def test_each_process_has_a_port(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "locustfile.py"
    file.write_text(PLAIN.format(base="HttpUser"))
    port = free_port()
    with opened("gevent", tmp_path) as bench:
        master = bench.lab.master(file)
        options = ["--worker", "--master-port", master.port, "--metrics-port", port, "--processes", "2"]
        command = [sys.executable, "-m", "katydid", "-f", file, *options]
        worker = bench.lab.run("worker", command, {"PYTHONPATH": PYTHONPATH})
        master.wait_for_workers(2)
        for each in (port, port + 1):
            assert "katydid_build_info" in requests.get(f"http://127.0.0.1:{each}/metrics", timeout=5).text
        master.terminate()
        worker.wait(30)  # with its children, which nobody else would end


def _url_in(log: pathlib.Path) -> str:
    for _ in range(200):
        if log.exists() and (found := re.search(r"Metrics are at (\S+)", log.read_text())):
            return found.group(1)
        time.sleep(0.05)
    pytest.fail("it never said where its metrics are")


def _total(page: str, metric: str) -> int:
    return sum(int(value) for value in re.findall(rf"^{metric}(?:{{.*}})? (\d+)$", page, re.MULTILINE))
