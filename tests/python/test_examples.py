"""Every example in examples/python is run by a real master, without a failure."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from .bench import Bench, opened
from .conftest import ROOT

EXAMPLES = sorted((ROOT / "examples" / "python").glob("*.py"))


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("", tmp_path) as bench:
        yield bench


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_runs(bench: Bench, example: pathlib.Path) -> None:
    run = f"-u 8 -r 8 -t 3s --host {bench.target.url} --expect-workers 1"
    master = bench.master(file=example, run=run)
    worker = bench.worker(master, file=example)
    final = master.final(timeout=60)
    assert worker.wait() == 0
    assert final["total"]["num_failures"] == 0
    assert "ERROR" not in worker.output()
    entries = [entry for entry in final["entries"] if entry["num_requests"]]
    assert len(entries) >= 2
    assert final["total"]["num_requests"] > 30
