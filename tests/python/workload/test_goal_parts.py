"""deploy/goals.py's parts, each by itself; test_goals.py runs it for a fleet."""

from __future__ import annotations

import importlib.util
import math
import os
import random
import sys
from typing import Any

import pytest

from ..conftest import ROOT


@pytest.fixture(scope="module")
def goals() -> Any:
    os.environ["LOCUST_SKIP_MONKEY_PATCH"] = "1"  # this process has imported what is to be patched
    spec = importlib.util.spec_from_file_location("goals", ROOT / "deploy" / "goals.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["goals"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("limit", [0.4, 3, 17.3, 300, 5_000_000])
def test_the_search_ends_beside_the_limit(goals: Any, limit: float) -> None:
    chance = random.Random(1)
    for start_rate in (1, 40, 900):
        search = goals.RateSearch(start_rate)
        steps = 0
        while not search.done:
            search.take(search.rate < limit * chance.uniform(0.995, 1.005))
            steps += 1
        if limit < start_rate * goals.RateSearch.LEAST_PART:
            assert search.held == 0
        elif limit > goals.RateSearch.MOST:
            assert search.held == goals.RateSearch.MOST
            assert math.isinf(search.failed)
        else:
            assert search.held == pytest.approx(limit, rel=0.03)
            assert search.held_times == 3
        assert steps <= goals.RateSearch.MOST_STEPS


def test_conditions_are_read_as_katydid_reads_them(goals: Any) -> None:
    stats = {
        ("/hello", "GET"): goals.Counts(100, 2, 0, 5000.0, goals.Counter({10: 90, 400: 10}), 20.0, 10, 400),
        ("/hello", "POST"): goals.Counts(1, 1, 1, 0.0, goals.Counter(), 0.2, None, None),
        ("f(x > 1)", "GET"): goals.Counts(4, 0, 0, 8.0, goals.Counter({2: 4}), 1.0, 2, 2),
        ("Buyer", "DROPPED"): goals.Counts(7),
    }
    figures = goals.Figures(stats["/hello", "GET"], stats)
    for text, broken in {
        "p99 > 200ms": "p99 > 200ms: it is 400 ms",
        "p50(GET /hello) >= 10ms": "p50(GET /hello) >= 10ms: it is 10 ms",
        "p89(/hello) > 0.01s": None,
        "avg(/hello) < 1s": "avg(/hello) < 1s: it is 50 ms",
        "max(f(x > 1)) <= 2ms": "max(f(x > 1)) <= 2ms: it is 2 ms",
        "min < 10001us": "min < 10001us: it is 10 ms",
        "fail_ratio > 1% abort": "fail_ratio > 1% abort: it is 2 %",
        "fail_ratio > 0.02": None,
        "fails(POST /hello) > 0": "fails(POST /hello) > 0: it is 1",
        "p50(POST /hello) > 1s": "p50(POST /hello) > 1s: there was no request that is counted as POST /hello",
        "p50(/other) > 1s": "p50(/other) > 1s: there was no request that is counted as /other",
        "rps < 20.5": "rps < 20.5: it is 20",
        "dropped > 0": "dropped > 0: it is 7",
        "dropped(Seller) > 0": None,
    }.items():
        threshold = goals.Threshold(text)
        assert threshold.broken_by(figures, at_the_end=True) == broken
        assert threshold.aborts == text.endswith("abort")
    assert goals.Threshold("p50(/other) > 1s").broken_by(figures, at_the_end=False) is None
    assert goals.Threshold("p99 < 200ms", required=True).broken_by(figures, True) == "p99 < 200ms: it is 400 ms"
    assert len(goals.requirements("p95(GET /a,b) < 300ms, fail_ratio <= 1%,rps > 5")) == 3
    for wrong in (
        "", "p95", "p95 < 300", "p95 < 300 ms s", "p0 > 1s", "p101 > 1s", "p9x > 1s", "speed > 1", "p95() > 1s",
        "p95(a > 1s", "fails > 1ms", "fails > 1%", "rps > -1", "fail_ratio > 1 abort now", "p95 > 1s > 2s",
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"."):
            goals.Threshold(wrong)
    for wrong in ("p95 < 300ms,", ",", "p95 < 300ms abort"):
        with pytest.raises(ValueError, match=r"."):
            goals.requirements(wrong)
