"""Who judges a failed test: the test on a machine that ran well, a second try on one that did not."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import disturbance
import pytest
from disturbance import Moment

SUPPORT = pathlib.Path(disturbance.__file__).parent
CONFTEST = """
import disturbance
from disturbance import pytest_runtest_protocol, pytest_terminal_summary

disturbance.between = lambda before, after: {what!r}
"""
TEST = """
import pathlib
import pytest

@pytest.fixture(scope="session")
def session():
    return []

@pytest.fixture
def tries(session):
    session.append(None)
    return len(session)

def test_fails_first(tries):
    assert tries == 2

def test_never_passes():
    assert False

def test_passes():
    pass
"""


def run(folder: pathlib.Path, what: str, *options: str) -> str:
    (folder / "conftest.py").write_text(CONFTEST.format(what=what))
    (folder / "test_it.py").write_text(TEST)
    (folder / "pytest.ini").write_text(f"[pytest]\npythonpath = {SUPPORT}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_a_test_that_failed_while_the_machine_was_disturbed_is_run_again(
    tmp_path: pathlib.Path, options: tuple[str, ...]
) -> None:
    output = run(tmp_path, "the clock was set by +3.0 s", *options)
    assert "1 failed, 2 passed" in output, output
    assert "run again, as the clock was set by +3.0 s while it failed: test_it.py::test_fails_first" in output
    assert "while it failed: test_it.py::test_never_passes" in output
    assert "test_it.py::test_passes" not in output


def test_on_a_machine_that_runs_well_each_test_is_run_once(tmp_path: pathlib.Path) -> None:
    output = run(tmp_path, "")
    assert "2 failed, 1 passed" in output, output
    assert "run again" not in output


def test_what_disturbs_a_machine() -> None:
    before = Moment(wall=1000, steady=10, stolen=5, ticks=1000)
    assert disturbance.between(before, Moment(1012.1, 22, 6, 3400)) == ""
    assert disturbance.between(before, Moment(1055, 22, 6, 3400)) == "the clock was set by +43.0 s"
    assert disturbance.between(before, Moment(950, 22, 6, 3400)) == "the clock was set by -62.0 s"
    assert disturbance.between(before, Moment(1012, 22, 317, 3400)) == "its host had 13 % of the processors' time"
    assert disturbance.between(before, before) == ""
    assert disturbance.between(disturbance.now(), disturbance.now()) == ""
