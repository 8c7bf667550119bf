"""What helps whoever looks for a mistake in a locustfile."""
import re
import signal

import pytest

from harness.lab import ROOT
from harness.wait import eventually

pytestmark = pytest.mark.katydid
SOURCE = ROOT / "tests" / "conformance" / "locustfiles" / "debugged.cpp"


def line_of(text):
    return next(number for number, line in enumerate(SOURCE.read_text().splitlines(), 1) if text in line)


def run_alone(lab, *options, trouble="", locustfile=SOURCE):
    target = lab.target()
    command = [lab.katydid, "-f", locustfile, "--headless", "--only-summary", "-u", "1", "-t", "1s", "-H", target.url]
    process = lab.run("katydid", [*command, *options], {"TROUBLE": trouble})
    return process.wait(120), process.output()


@pytest.mark.parametrize("call", ['client.get("/hello")', 'client.rest("GET", "/hello")', "sleep(1s)", "wait()", "other()", "all(sleep(1s), sleep(2s))", "blocking([] {})"])
def test_a_co_await_that_is_missing_does_not_compile(call, lab, tmp_path):
    locustfile = tmp_path / "forgetful.cpp"
    locustfile.write_text(
        "#include <katydid/katydid.hpp>\nusing namespace katydid;\nusing namespace std::chrono_literals;\n"
        f"struct Forgetful : FastHttpUser {{\n  task<> other() {{ co_return; }}\n  task<> work() {{\n    {call};\n"
        "    co_return;\n  }\n};\nKATYDID_USER(Forgetful).task<&Forgetful::work>();\n"
    )
    code, output = run_alone(lab, locustfile=locustfile)
    assert code == 1
    assert re.search(r"forgetful\.cpp:7:\d+: .*error: .*co_await is missing", output), output


def test_where_an_exception_was_thrown_is_on_the_exceptions_page(lab):
    target = lab.target()
    master = lab.master("debugged")
    worker = lab.worker("debugged", master.port, environment={"TROUBLE": "throw"})
    master.wait_for_workers(1)
    master.swarm(1, rate=1, host=target.url)
    (row,) = eventually(master.exceptions, "the exceptions page")
    outer, inner = line_of("eighth(numbers);"), line_of("// out of range")
    places = [f'File "{SOURCE}", line {outer}, in work', f'File "{SOURCE}", line {inner}, in ']
    positions = [row["traceback"].index(place) for place in places]
    assert positions == sorted(positions), "the innermost last, as in Python"
    assert "std::out_of_range" in row["traceback"]
    assert row["traceback"] in worker.output() or places[1] in worker.output()


@pytest.mark.parametrize(
    ("trouble", "name", "number"),
    [("crash", "SIGSEGV", signal.SIGSEGV), ("overflow", "SIGSEGV", signal.SIGSEGV), ("abort", "SIGABRT", signal.SIGABRT)],
)
def test_a_worker_that_crashes_says_where(trouble, name, number, lab):
    target = lab.target()
    master = lab.master("debugged")
    worker = lab.worker("debugged", master.port, environment={"TROUBLE": trouble})
    (ready,) = master.wait_for_workers(1)
    master.swarm(1, rate=1, host=target.url)
    assert worker.wait(30) == -number, "the signal ends it, so that there is a core file where that is wanted"
    (row,) = eventually(master.exceptions, "the worker's last words reach the master")
    assert f"this worker crashed: {name}" in row["msg"]
    text = {"crash": "// the crash", "overflow": "overflow(depth + 1)", "abort": "std::abort()"}[trouble]
    place = f'File "{SOURCE}", line {line_of(text)}, in '
    assert place in row["traceback"]
    assert place in worker.output() and "/CRITICAL/" in worker.output()
    if master.version >= (2, 32):
        lines = eventually(lambda: master.worker_logs().get(ready["id"]), "its log reaches the logs page")
        assert any("this worker crashed" in line for line in lines)
    eventually(lambda: not master.now()["workers"] or master.now()["workers"][0]["state"] == "missing", "it has gone")


def test_a_run_without_master_that_crashes_says_where(lab):
    code, output = run_alone(lab, trouble="crash")
    assert code == -signal.SIGSEGV
    assert f'File "{SOURCE}", line {line_of("// the crash")}, in work' in output
    assert "SIGSEGV" in output


def test_each_request_is_a_line_at_level_debug(lab):
    code, output = run_alone(lab, "-L", "DEBUG")
    assert code == 0
    lines = re.findall(r"/DEBUG/katydid\.request: GET http://127\.0\.0\.1:\d+/hello: 200, 54 bytes, [\d.]+ ms", output)
    (total,) = re.findall(r"Aggregated +(\d+)", output.partition("Response time percentiles")[0])
    assert len(lines) == int(total) > 3
    code, output = run_alone(lab)
    assert "/DEBUG/" not in output


def test_debug_compiles_for_a_debugger(lab, tmp_path):
    """Variables have names there, and only there."""
    for options, named in ([], False), (["--debug"], True):
        compiled = tmp_path / f"debugged{named}.so"
        process = lab.run("katydid", [lab.katydid, "-f", SOURCE, "--compile-to", compiled, *options])
        assert process.wait(120) == 0
        assert (b"\0numbers\0" in compiled.read_bytes()) == named
        code, output = run_alone(lab, trouble="throw", locustfile=compiled)
        assert code == 1
        assert f'line {line_of("// out of range")}, in ' in output
