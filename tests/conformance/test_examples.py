"""Every example is compiled and run, and does what it says."""
import re

import pytest

from harness.lab import ROOT
from harness.line_server import LineServer

pytestmark = pytest.mark.katydid


@pytest.fixture
def run_example(lab):
    """Runs it locally for a few seconds without failures; requests by name, from the table at the end."""

    def run(name, host, users=4):
        command = [lab.katydid, "-f", ROOT / "examples" / f"{name}.cpp", "--headless", "--only-summary"]
        process = lab.run("katydid", [*command, "-u", users, "-r", "20", "-t", "3s", "-s", "5", "-H", host])
        assert process.wait(60) == 0
        rows = re.findall(r"^\s*(?:([A-Z]+) +)?(\S.*?) +(\d+) +0\(0\.00%\)", process.output(), re.M)
        return {name: int(count) for _, name, count in rows}

    return run


def test_every_example_has_a_test():
    names = {path.stem for path in (ROOT / "examples").glob("*.cpp")}
    assert names == {"hello", "basic", "custom_client"}


def test_hello(run_example, lab):
    target = lab.target()
    counts = run_example("hello", target.url)
    assert counts["/hello"] == counts["Aggregated"] == target.completed_of("/hello") > 100


def test_basic(run_example, lab):
    target = lab.target()
    counts = run_example("basic", target.url, users=8)
    assert counts.keys() == {"/", "/echo?item=[id]", "/login", "/cart", "Aggregated"}
    assert counts["/login"] == 2, "one of four visitors is a shopper"
    assert counts["/"] > counts["/cart"] > 0
    assert counts["Aggregated"] == target.completed


def test_custom_client(run_example):
    server = LineServer()
    counts = run_example("custom_client", server.url)
    assert counts["ping"] == counts["Aggregated"] == server.answered > 100
    server.shutdown()
    server.server_close()


@pytest.mark.core
def test_hello_with_a_real_master(lab):
    target = lab.target()
    hello = ROOT / "examples" / "hello.cpp"
    printed = lab.folder / "locustfile.py"
    printer = lab.run("printer", [lab.katydid, "-f", hello, "--master-locustfile"])
    assert printer.wait(60) == 0
    printed.write_text(printer.output())
    run = f"-u 10 -r 10 -t 3s --host {target.url} --expect-workers 1 --stop-timeout 5"
    master = lab.master(printed, run=run)
    worker = lab.worker(hello, master.port)
    final = master.final()
    assert worker.wait() == 0
    assert final["exit_code"] == 0
    assert final["total"]["num_requests"] == target.completed > 100
