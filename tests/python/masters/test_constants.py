"""What locustfiles set in locust.runners and locust.stats counts where Katydid's parts are in the place of Locust's."""

from __future__ import annotations

import csv
import signal
import time

import pytest
from real_master import KATYDID, Processes, ended
from recording_target import RecordingTarget


def headless(workers: int, seconds: int) -> list[str]:
    return ["--headless", "-u", "2", "-t", f"{seconds}s", "--only-summary", "--expect-workers", str(workers)]


def test_heartbeat_interval(target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SET", "HEARTBEAT_INTERVAL=0.1")
    master = processes.master("constants.py", target.url, *headless(2, 4))
    ended(processes.worker("constants.py", "worker", KATYDID, "--processes", "2", "--worker"))
    ended(master)
    assert "failed to send heartbeat" not in processes.text("master")


def test_intervals_of_reports_and_logs(
    target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SET", "WORKER_REPORT_INTERVAL=0.2;WORKER_LOG_REPORT_INTERVAL=0.1")
    master = processes.master("constants.py", target.url, *headless(1, 3))
    ended(processes.worker("constants.py"))
    ended(master)
    assert processes.text("worker").count("report sent") >= 8
    assert "logs sent" in processes.text("worker")


def test_no_logs(target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SET", "WORKER_LOG_REPORT_INTERVAL=-1")
    master = processes.master("constants.py", target.url, *headless(1, 2))
    ended(processes.worker("constants.py"))
    ended(master)
    assert "logs sent" not in processes.text("worker")


def test_connecting_ends(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SET", "CONNECT_TIMEOUT=0.1;CONNECT_RETRY_COUNT=3")
    begun = time.monotonic()
    assert ended(processes.worker("constants.py")) != 0
    assert time.monotonic() - begun < 15


def test_silent_master(target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SET", "MASTER_HEARTBEAT_TIMEOUT=2")
    master = processes.master("constants.py", target.url, *headless(1, 60))
    worker = processes.worker("constants.py")
    processes.wait_until("master", "All users spawned")
    master.signal(signal.SIGSTOP)
    ended(worker, 20)
    assert "Didn't get heartbeat from master in over 2s" in processes.text("worker")


def test_rounding_is_replaced_at_any_time(
    target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_ROUND", "1")
    ended(processes.worker("constants.py", "run", KATYDID, "--headless", "-t", "2s", "--host", target.url))
    assert "rounded: {777: 1}" in processes.text("run")


def test_percentiles_and_intervals_of_the_tables(
    target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "TEST_SET", "PERCENTILES_TO_REPORT=[0.42];CSV_STATS_INTERVAL_SEC=0.2;CONSOLE_STATS_INTERVAL_SEC=0.3"
    )
    options = ["--headless", "-t", "6s", "--host", target.url, "--csv", str(processes.folder / "run")]
    ended(processes.worker("constants.py", "run", KATYDID, *options))
    with (processes.folder / "run_stats_history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 10
    assert "42%" in rows[0]
    assert processes.text("run").count("Aggregated") >= 8
