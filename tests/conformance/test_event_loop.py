"""The event loop that a machine has, and one that it has not."""
import os
import sys
import time

import pytest

from harness.lab import ROOT
from harness.wait import eventually

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


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def test_busy_polling_takes_a_core_and_is_not_told_as_load(lab):
    target = lab.target()
    master = lab.master("load", users=["FastEagerUser"])
    worker = lab.worker("load", master.port, ["--processes", "1", "--busy-poll"])
    master.wait_for_workers(1)
    master.swarm(1, rate=1, host=target.url)
    master.wait_for_requests(1)
    began, before = time.monotonic(), cpu_seconds(worker.pid)
    time.sleep(5)
    used = (cpu_seconds(worker.pid) - before) / (time.monotonic() - began)
    [told] = master.now()["workers"]
    assert used > 0.3, "the machine may have other work"
    assert told["cpu_usage"] / 100 < used / 2
    master.stop()
    master.wait_for_users(0)
    eventually(lambda: master.requests == target.completed, "all are counted")
    before = cpu_seconds(worker.pid)
    time.sleep(1)
    assert cpu_seconds(worker.pid) - before < 0.3, "without users it sleeps"
