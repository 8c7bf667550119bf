"""docs/performance.md has the tables that its results make: tools/bench/report writes them, and nobody else does."""

import subprocess
import sys

import pytest

from harness.lab import ROOT

REPORT = ROOT / "tools/bench/report"
RESULT = {"kind": "start", "command": "tools/bench/compare --start", "machine": "M", "busy": 0.0, "date": "2026-01-31",
          "versions": ["katydid 1"], "rows": [{"start": "first", "seconds": 3.0}, {"start": "first", "seconds": 1.0}]}  # fmt: skip


@pytest.fixture
def page(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools/bench"))
    from benchlib import page

    return page


def test_the_page_is_current():
    run = subprocess.run([sys.executable, REPORT, "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_page_is_short():
    assert len((ROOT / "docs/performance.md").read_text().splitlines()) <= 150


def test_a_figure_that_was_changed_by_hand_is_noticed(page):
    text, results = page.PAGE.read_text(), page.load()
    row = next(line for line in text.splitlines() if line.startswith("| 50 | katydid-fast |"))
    assert page.rewritten(text.replace(row, "| 50 | katydid-fast | 0.01 |"), results) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("<!-- table: other -->\n<!-- end -->\n", "no results for other"),
        ("<!-- table: start -->\n", "not closed"),
        ("", "no table for start"),
    ],
)
def test_results_and_tables_have_to_match(page, text, complaint):
    with pytest.raises(page.Wrong, match=complaint):
        page.rewritten(text, {"start": RESULT})


def test_a_table_has_the_median_of_the_rounds(page):
    text = page.rewritten("before\n<!-- table: start -->\n<!-- end -->\nafter\n", {"start": RESULT})
    assert text.splitlines()[1:3] == ["<!-- table: start -->", "`tools/bench/compare --start`"]
    assert text.splitlines()[-3:] == ["| first | 2.00 |", "<!-- end -->", "after"]


@pytest.mark.parametrize("base", ["HttpUser", "FastHttpUser"])
def test_the_users_of_the_realistic_mix_compile(request, base):
    command = [request.config.option.katydid, "-f", ROOT / "tools/bench/realistic/users.cpp", f"--cxxflags=-DBASE={base}"]
    run = subprocess.run([*command, "--list"], capture_output=True, text=True)
    assert run.returncode == 0 and "Customer" in run.stdout, run.stdout + run.stderr
