"""--find-max: the highest rate that a server takes, which is known here."""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator

import limited_server
import pytest
from harness.table import last_table

from ..bench import Bench, opened
from .test_arrivals import MODES, start


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("asyncio", tmp_path) as bench:
        yield bench


def assert_limit_found(output: str, limit: float) -> None:
    """What fails at one percent too many does not fail at less: the limit is that much higher."""
    found = re.search(r"--find-max: ([\d.]+) tasks/s is the highest rate that held, in 3 steps of 3; ([\d.]+)", output)
    assert found, output
    assert float(found[1]) == pytest.approx(limit, rel=0.03)
    assert float(found[2]) < float(found[1]) * 1.02


@pytest.mark.long
@pytest.mark.parametrize("mode", MODES)
def test_the_limit_of_a_server_is_found(bench: Bench, mode: str) -> None:
    with limited_server.running(300) as server:
        process = start(
            bench, mode, "--headless", "--only-summary", "-u", 60, "-r", 60, "-H", f"http://127.0.0.1:{server.port}",
            "--processes", 1, "Buyer", "--arrival-rate=Buyer=40", "--find-max", "p50 < 200ms, fail_ratio < 1%",
            "--find-max-step", "2s",
        )  # fmt: skip
        assert process.wait(150) == 0, process.output()
        output = process.output()
        assert last_table(output)["/hello"][0] == server.requests
    assert_limit_found(output, 300)
    assert "fail_ratio < 1%: it is" in output


def test_a_search_that_can_not_begin_says_why(bench: Bench) -> None:
    options = ["--headless", "-H", bench.target.url, "--find-max"]
    for mode in MODES:
        none = start(bench, mode, *options, "p95 < 1s", "Buyer")
        assert none.wait(120) == 1
        assert "--find-max needs a user class with an arrival rate" in none.output()
        assert "--arrival-rate Buyer=10" in none.output()
    staged = start(bench, "cpp", *options, "p95 < 1s", "Buyer", "--arrival-rate=Buyer=10@5s")
    assert staged.wait(60) == 1
    assert "give user class Buyer a constant one" in staged.output()
    wrong = start(bench, "cpp", *options, "p95 < 300", "Buyer")
    assert wrong.wait(60) == 2
    assert "expected a time with its unit" in wrong.output()


def test_a_server_that_refuses_all_has_no_limit(bench: Bench) -> None:
    options = ["-u", 5, "-r", 5, "-H", bench.target.url.rsplit(":", 1)[0] + ":1", "--processes", 1, "Buyer"]
    process = start(
        bench, "cpp", "--headless", "--only-summary", *options, "--arrival-rate=Buyer=20", "--find-max",
        "fail_ratio < 1%", "--find-max-step", "1s",
    )  # fmt: skip
    assert process.wait(60) == 1
    assert "--find-max: no rate held; the lowest that was tried is" in process.output()
