"""The twins of Locust's examples: each compiles, runs, and asks for what the original asks for."""
import pytest

from harness.lab import ROOT
from harness.table import last_table

pytestmark = pytest.mark.katydid

TWINS = {
    "add_command_line_argument": set(),
    "basic": {"/", "/stats/requests", "/does_not_exist"},
    "browse_docs_test": {"/"},
    "browse_docs_sequence_test": {"/", "/favicon.ico"},
    "csrf_form_authentication": {"/sign-in"},
    "custom_messages": set(),
    "custom_wait_function": {"/", "/stats/requests", "/does_not_exist"},
    "debugging": {"/hello"},
    "dynamic_user_credentials": {"/login", "/protected/resource"},
    "events": {"/", "/stats/requests"},
    "fast_http_locust": {"/", "/stats/requests"},
    "locustfile": {"/login", "/hello", "/world", "/item"},
    "manual_stats_reporting": {"successful_task", "failing_task"},
    "markov_taskset": set(),
    "multiple_hosts": {"/", "/stats/requests"},
    "nested_inline_tasksets": {"/", "/stats/requests"},
    "open_closed_workload": set(),
    "response_validations": {"/authenticate", "/checkout/confirm"},
    "rest": {"/echo", "/hello", "/status/404", "/"},
    "semaphore_wait": {"/"},
    "stop_on_threshold": {"/", "/error"},
    "testdata_from_csv": {"/authenticate"},
    "testdata_management": {"/echo", "/get"},
    "worker_index": set(),
    "x-forwarded-for": {"/"},
}


def test_every_twin_is_here():
    assert {path.stem for path in (ROOT / "examples" / "locust").glob("*.cpp")} == set(TWINS)


@pytest.mark.parametrize("name", TWINS)
def test_twin(name, lab, monkeypatch):
    target = lab.target()
    monkeypatch.setenv("API_HOST", target.url)
    command = [lab.katydid, "-f", ROOT / "examples" / "locust" / f"{name}.cpp", "--headless", "--only-summary"]
    process = lab.run("katydid", [*command, "-u", "4", "-r", "20", "-t", "2s", "-H", target.url])
    assert process.wait(120) in (0, 1)
    output = process.output()
    assert "warning:" not in output
    asked = {entry.split()[-1].partition("?")[0] for entry in last_table(output)} - {"Aggregated"}
    assert asked <= TWINS[name]
    assert asked or not TWINS[name], output


def test_the_words_of_those_that_only_tell(lab):
    target = lab.target()

    def output_of(name, *options):
        command = [lab.katydid, "-f", ROOT / "examples" / "locust" / f"{name}.cpp", "--headless", "--only-summary"]
        process = lab.run(f"katydid-{name}", [*command, "-u", "1", "-t", "1s", "-H", target.url, *options])
        process.wait(120)
        return process.output()

    assert "my_argument=mine" in output_of("add_command_line_argument", "--my-argument", "mine")
    assert "Method 1. Next: will transition to method2" in output_of("markov_taskset")
    assert "/INFO/root: first" in output_of("worker_index")
    told = output_of("testdata_management")
    places = [told.index(f"{number}. ") for number in ("2", "3", "4", "5", "6", "7", "8", "9", "10")]
    assert places == sorted(places)
    stopped = output_of("stop_on_threshold", "-u", "40", "-r", "40")
    assert "StopTest" not in stopped or "fail ratio" in stopped
