"""Locust's statistics with the counting done natively: what they show is what Locust's own would."""

from __future__ import annotations

import csv
import itertools
import pathlib

import pytest
from real_master import KATYDID, LOCUST, Processes, ended
from recording_target import RecordingTarget


def run(processes: Processes, locustfile: str, where: str, url: str, seconds: int = 3) -> str:
    """Of one user, and what it has printed."""
    options = ["--headless", "-u", "1", "-t", f"{seconds}s", "--host", url]
    if where == "headless":
        ended(processes.worker(locustfile, "run", KATYDID, *options, "--only-summary"))
        return processes.text("run")
    master = processes.master(locustfile, url, *options[:-2], "--only-summary", "--expect-workers", "1")
    worker = processes.worker(locustfile)
    ended(worker, 60)
    ended(master, 60)
    return processes.text("worker")


@pytest.mark.parametrize("where", ["headless", "worker"])
def test_what_is_held_is_right_whenever_it_is_read(target: RecordingTarget, processes: Processes, where: str) -> None:
    assert "held: 3 3 3 4 1 True 3 3 0 7" in run(processes, "looking.py", where, target.url)


def test_the_history_is_as_locusts(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_PART", "history")
    columns = []
    started = []
    for name, command in (("ours", KATYDID), ("theirs", LOCUST)):
        csv_options = ["--csv", str(processes.folder / name), "--csv-full-history", "--only-summary"]
        options = ["-f", str(pathlib.Path(__file__).parent / "locustfiles" / "looking.py"), "--headless"]
        started.append(processes.start([*command, *options, *csv_options, "--host", "http://127.0.0.1"], name))
    for process, name in zip(started, ("ours", "theirs"), strict=True):
        ended(process)
        with (processes.folder / f"{name}_stats_history.csv").open() as file:
            rows = [row["95%"] for row in csv.DictReader(file) if row["Name"] == "Aggregated"]
        columns.append([value for value, _ in itertools.groupby(rows) if value not in ("N/A", "0")])
    assert columns == [["1000", "10"], ["1000", "10"]]


@pytest.mark.parametrize("where", ["headless", "worker"])
def test_numbers_that_do_not_fit(processes: Processes, where: str) -> None:
    """Those that Locust could not report are refused, as its listener raises; others are shown as Locust does."""
    log = run(processes, "odd_numbers.py", where, "http://127.0.0.1")
    for value in ("inf", "nan", "1e+300", str(2**70), "-inf"):
        assert f"response_time={value} is no number of milliseconds" in log
    if where == "worker":
        with (processes.folder / "run_stats.csv").open() as file:
            rows = {row["Name"]: row for row in csv.DictReader(file)}
        assert "refused" not in rows
        assert float(rows["negative"]["Min Response Time"]) == -3
        assert float(rows["long"]["Average Response Time"]) == 12345678901
        assert float(rows["huge length"]["Average Content Size"]) == 2**64
        assert float(rows["short"]["Average Content Size"]) == -1
        assert rows["plain"]["Request Count"] == "1"


def test_names_that_a_message_cannot_hold(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_PART", "names")
    log = run(processes, "odd_numbers.py", "worker", "http://127.0.0.1")
    assert "holds what can only be sent as text" in log
    names = {name.partition(" ")[2]: count for name, count in processes.totals().items() if name != "Aggregated"}
    assert names == {"Name.ITEMS": 1, "half a pair \\ud83d": 1, "plain": 1}


def test_no_name_is_lumped_together(processes: Processes) -> None:
    """Requests and failures have one ledger. It has no limit, as Locust's has none, and one line of the log."""
    log = run(processes, "many_names.py", "worker", "http://127.0.0.1", seconds=5)
    assert log.count("More than 10000 different request names") == 1
    totals = processes.totals()
    assert len(totals) == 12_000 + 4
    assert totals["T plain"] == 100
    assert totals["T late"] == totals["T " + "n" * 5000] == 1
    assert {failure.partition(":")[0] for failure in processes.failures()} == {"T late", "T " + "n" * 5000}
