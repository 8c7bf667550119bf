"""The event loop that a machine has, and one that it has not."""
import sys

import pytest

from harness.lab import ROOT

pytestmark = pytest.mark.katydid


@pytest.fixture
def run_without_io_uring(lab):
    """Runs the fast client for a second; the process and the target."""

    def run(event_loop):
        target = lab.target()
        katydid = [lab.katydid, "-f", ROOT / "examples" / "hello_fast.cpp", "--event-loop", event_loop]
        load = ["--headless", "--only-summary", "-u", "4", "-r", "20", "-t", "1s", "-H", target.url]
        forbidden = [sys.executable, ROOT / "tests" / "conformance" / "harness" / "without_io_uring.py"]
        return lab.run("katydid", [*forbidden, *katydid, *load]), target

    return run


def test_without_io_uring_it_is_epoll_and_one_line_says_so(run_without_io_uring):
    process, target = run_without_io_uring("auto")
    assert process.wait(120) == 0
    assert process.output().count("No io_uring here (io_uring_setup: Operation not permitted): the event loop is epoll") == 1
    assert target.completed_of("/hello") > 100


def test_an_io_uring_that_was_asked_for_and_cannot_be_had_is_an_error(run_without_io_uring):
    process, target = run_without_io_uring("io_uring")
    assert process.wait(120) == 1
    assert "--event-loop io_uring: io_uring_setup: Operation not permitted" in process.output()
    assert target.completed == 0
