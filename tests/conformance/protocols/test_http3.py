"""HttpUser over HTTP/3, against aioquic: what the master counts is what the server completed."""
import pathlib
import re

import pytest

import http3_server
import libcurl
from certificates import Certificates
from harness import conservation
from harness.endings import end_of_users
from harness.table import last_table

pytestmark = [
    pytest.mark.katydid,
    pytest.mark.skipif(not http3_server.IS_INSTALLED, reason="aioquic is not installed: pip install aioquic"),
]

ERROR = re.compile(r"^(\d+) +GET (/\w+|to http): (.*?) *$", re.MULTILINE)
"""Of the table that a run ends with."""


@pytest.fixture
def server(lab, tmp_path):
    if not libcurl.has_http3(lab.katydid):
        pytest.skip("katydid's libcurl has no HTTP/3, or is older than 8.1; LD_LIBRARY_PATH can name another one")
    with http3_server.running(Certificates(tmp_path / "http3")) as running:
        yield running


@pytest.mark.parametrize("ending", ["stop", "stop timeout", "ramp down", "sigterm", "quit"])
def test_users_with_several_requests_at_once(lab, server, ending):
    counted, worker = end_of_users(lab, ending, "http3", "Http3User", server.url, users=20)
    assert counted["num_failures"] == 0
    assert counted["num_requests"] > 100, "a server in Python is slow"
    conservation.check(counted["num_requests"], server, worker)
    counts = server.counts()
    print(counts)
    assert counts["connections"] <= 30, "each user keeps its connection"


def test_what_goes_wrong_is_told(lab, server):
    locustfile = pathlib.Path(lab.locustfile("http3", ".cpp"))
    command = [lab.katydid, "-f", locustfile, "UnluckyUser", "--headless", "--only-summary", "-u", "1", "-t", "3s"]
    process = lab.run("katydid", [*command, "-H", server.url])
    assert process.wait(120) == 1
    output = process.output()
    place = f"({server.url.removeprefix('https://')})"
    ended = rf"HTTP3Error: .* {re.escape(place)}"
    # libcurl sends a request again that met a dead connection; but each sixth time in the life of a handle it does not.
    expected = {
        "/hello": ended,
        "/reset": rf"HTTP3Error: the server reset the stream {re.escape(place)}|{ended}",
        "to http": rf"HTTP3Error: http_version asks for HTTP/3, which is for https:// alone \(127.0.0.1:1\)|{ended}",
        "/close": rf"HTTP3Error: the connection ended before the answer: .* {re.escape(place)}",
    }
    errors = [(int(times), name, text) for times, name, text in re.findall(ERROR, output)]
    assert all(re.fullmatch(expected[name], text) for _, name, text in errors), errors
    table = last_table(output)
    for name in "/reset", "/close", "to http":
        requests, failures = table[name]
        assert requests == failures > 3
    requests, failures = table["/hello"]
    assert requests - failures > failures
    assert sum(times for times, name, text in errors if name == "/reset" and "reset the stream" in text) > failures
    redirected = sum(times for times, name, text in errors if name == "to http" and "alone" in text)
    assert redirected > failures
    answered = requests - failures + redirected
    assert answered <= server.completed <= answered + 1, "one request at most was cut off"
