"""`--latency-correction`: what users that wait would have seen of a server that stands still, had they not waited."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import pytest
import stalling_server

from ..bench import Bench, opened
from .test_arrivals import start


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("asyncio", tmp_path) as bench:
        yield bench


def entries_of(bench: Bench, mode: str, url: str, users: int, seconds: int, *options: str) -> dict[str, Any]:
    report = bench.lab.folder / "report"
    process = start(
        bench, mode, "--headless", "--only-summary", "-u", users, "-r", users, "-t", f"{seconds}s", "-s", "5",
        "-H", url, "--json-file", report, "--latency-correction", *options,
    )  # fmt: skip
    assert process.wait(120) == 0, process.output()
    return {entry["name"]: entry for entry in json.loads(report.with_suffix(".json").read_text())}


def percentile(entry: dict[str, Any], part: float) -> float:
    """In milliseconds."""
    times = sorted((float(time), count) for time, count in entry["response_times"].items())
    left = part * sum(count for _, count in times)
    for time, count in times:
        left -= count
        if left <= 0:
            return time
    raise AssertionError(entry)


@pytest.mark.parametrize("mode", ["cpp", "asyncio", "trio", "gevent"])
def test_a_server_that_stands_still_is_found_out_by_users_that_wait(bench: Bench, mode: str) -> None:
    """Twenty users ask ten times a second. In 12 s it stands still for two: of what is due, a sixth waits, evenly for
    from nothing to a second; but each user waits once and asks for nothing else meanwhile. They ask at the same
    moments, so waits are in steps of a tenth of a second.
    """
    with stalling_server.running() as server:
        entries = entries_of(bench, mode, f"http://127.0.0.1:{server.port}", 20, 12, "Steady")
        hello, corrected = entries["/hello"], entries["/hello [corrected]"]
        assert hello["num_requests"] == server.requests
    lasted = min(12.0, hello["last_request_timestamp"] - hello["start_time"])  # the clock may be set
    assert corrected["num_requests"] == pytest.approx(20 * 10 * lasted, rel=0.03)
    assert corrected["num_requests"] > 1.15 * hello["num_requests"]
    assert corrected["num_failures"] == 0
    waits = 2 / lasted
    assert percentile(hello, 0.95) < 40
    assert percentile(corrected, 0.5) < 40
    for part in 0.9, 0.95, 0.99:
        exact = 1000 * (1 - (1 - part) / waits)
        assert percentile(corrected, part) == pytest.approx(exact, abs=110)


def test_users_with_a_rate_need_no_correction(bench: Bench) -> None:
    for mode in "cpp", "asyncio", "gevent":
        entries = entries_of(bench, mode, bench.target.url, 4, 2, "--arrival-rate=Buyer=50", "Buyer")
        assert set(entries) - {"Buyer"} == {"/hello"}, mode
