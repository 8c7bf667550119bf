"""The twins of Locust's examples: each compiles, runs, and asks for what the original asks for."""
import json
import re
import socket
import struct
import threading
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from xmlrpc.server import SimpleXMLRPCServer

import pytest

from harness.lab import ROOT
from harness.table import last_table

pytestmark = pytest.mark.katydid
FOLDER = ROOT / "examples" / "locust"
ORIGINALS = json.loads((ROOT / "tests" / "conformance" / "locust_examples.json").read_text())
"""The lines of each of Locust's examples, those of 2.47."""

TWINS = {
    "add_command_line_argument": set(),
    "basic": {"/", "/stats/requests", "/does_not_exist"},
    "browse_docs_test": {"/"},
    "browse_docs_sequence_test": {"/", "/favicon.ico"},
    "csrf_form_authentication": {"/sign-in"},
    "custom_messages": set(),
    "custom_wait_function": {"/", "/stats/requests", "/does_not_exist"},
    "debugging": {"/hello"},
    "debugging_advanced": {"/hello1", "/hello2"},
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
    "use_as_lib": {"/"},
    "web_ui_cache_stats": {"/response-headers", "/"},
    "worker_index": set(),
    "x-forwarded-for": {"/"},
}
OF_OTHER_PROTOCOLS = {"custom_xmlrpc_client", "dns_ex"}
PARTS = {
    "custom_xmlrpc_client": ["examples/custom_xmlrpc_client/xmlrpc_locustfile.py"],
    "dns_ex": ["examples/dns_ex.py", "locust/contrib/dns.py"],
}


def parts_of(twin):
    return PARTS.get(twin, [f"examples/{twin}.py"])


def test_every_twin_is_here():
    assert {path.stem for path in FOLDER.glob("*.cpp")} == set(TWINS) | OF_OTHER_PROTOCOLS


def test_examples_without_a_twin_have_their_reason():
    """In the table of docs/porting.md, where a folder stands for all that is in it."""
    _, _, section = (ROOT / "docs" / "porting.md").read_text().partition("## Examples without a twin")
    named = re.findall(r"^\| `([^`]+)` \| .{10,} \|$", section, re.M)
    twins = {part for path in FOLDER.glob("*.cpp") for part in parts_of(path.stem)}
    left = {name.removeprefix("examples/") for name in set(ORIGINALS) - twins if name.startswith("examples/")}
    covered = {name for name in left if any(name == each or name.startswith(f"{each}/") for each in named)}
    assert covered == left
    assert all(any(name == each or name.startswith(f"{each}/") for name in left) for each in named)


def test_twins_are_short():
    """A twin has at most one and a half times the lines of its original."""
    for path in FOLDER.glob("*.cpp"):
        lines, original = len(path.read_text().splitlines()), sum(ORIGINALS[part] for part in parts_of(path.stem))
        assert lines <= 1.5 * original, f"{path.name}: {lines} lines for {original}"


@pytest.mark.parametrize("name", TWINS)
def test_twin(name, lab, monkeypatch):
    target = lab.target()
    monkeypatch.setenv("API_HOST", target.url)
    command = [lab.katydid, "-f", FOLDER / f"{name}.cpp", "--headless", "--only-summary"]
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
        command = [lab.katydid, "-f", FOLDER / f"{name}.cpp", "--headless", "--only-summary"]
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


@contextmanager
def served(server):
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def run_twin(lab, name, host):
    command = [lab.katydid, "-f", FOLDER / f"{name}.cpp", "--headless", "--only-summary", "-u", "2", "-r", "20"]
    process = lab.run(name, [*command, "-t", "2s", "-H", host])
    process.wait(120)
    output = process.output()
    assert "warning:" not in output
    return output, last_table(output)


def test_calls_by_xml_rpc(lab):
    called = []

    def get_time():
        called.append("get_time")
        return 1.5

    def get_random_number(low, high):
        called.append((low, high))
        if len(called) % 5 == 0:
            raise ValueError("no number today")
        return 4

    with SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False) as server, served(server) as port:
        server.register_function(get_time)
        server.register_function(get_random_number)
        output, table = run_twin(lab, "custom_xmlrpc_client", f"http://127.0.0.1:{port}")
    assert table["get_time"] == (called.count("get_time"), 0)
    numbers, faults = table["get_random_number"]
    assert numbers == called.count((0, 100)) > 10
    assert faults > 0
    assert "no number today" in output


def answer_of(question):
    """An address for example.com, and nothing for other names."""
    found = b"\x07example\x03com\0" in question
    head = question[:2] + struct.pack("!5H", 0x8180 if found else 0x8183, 1, found, 0, 0)
    return head + question[12:] + (b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1" if found else b"")


class NameServer(StreamRequestHandler):
    def handle(self):
        (size,) = struct.unpack("!H", self.rfile.read(2))
        answer = answer_of(self.rfile.read(size))
        self.wfile.write(struct.pack("!H", len(answer)) + answer)


def test_questions_to_a_name_server(lab):
    with ThreadingTCPServer(("127.0.0.1", 0), NameServer) as server, served(server) as port:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.bind(("127.0.0.1", port))

            def answer_all():
                while True:
                    try:
                        question, sender = datagrams.recvfrom(512)
                        datagrams.sendto(b"??" + answer_of(question)[2:], sender)  # not to this question
                        datagrams.sendto(answer_of(question), sender)
                    except OSError:
                        return

            threading.Thread(target=answer_all, daemon=True).start()
            output, table = run_twin(lab, "dns_ex", f"127.0.0.1:{port}")
    assert table["udp"] == (2, 0), output
    assert table["tcp"] == (2, 0), output
    assert table["You can rename requests"] == (2, 2), output
    assert "No answer in DNS response" in output


def test_one_user_after_the_other_is_watched(lab):
    target = lab.target()
    for user, path in (("User1", "/hello1"), ("User2", "/hello2")):
        command = [lab.katydid, "-f", FOLDER / "debugging_advanced.cpp", "--run-single-user", user, "-t", "2s"]
        process = lab.run(user, [*command, "-H", target.url])
        process.wait(60)
        assert f"GET {path}" in process.output()
