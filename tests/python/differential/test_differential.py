"""The same cases on Locust's own clients and on Katydid's: the target must see the same requests, the locustfile the
same answers and exceptions, and the statistics the same names and failures."""

from __future__ import annotations

import fcntl
import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

import cases
import pytest
from certificates import Certificates
from geventhttpclient.client import HTTPClient
from locust.clients import ResponseContextManager as LocustResponse
from locust.contrib.fasthttp import FastHttpSession, LocustUserAgent
from locust.event import EventHook
from recording_target import RecordingTarget

HERE = pathlib.Path(__file__).resolve().parent
Seen = dict[str, dict[str, Any]]
KINDS = ("http", "fast")

OLD = () if hasattr(LocustResponse, "wrap_response") else ("raised", "entries", "total", "target")
"""Locust before 2.33 ends the case at such an answer, by an exception of its own."""

ENDS_THE_CASE = {("http", "timeouts_of_each_read"), ("fast", "timeout_in_the_body")}
"""The same in later versions, too: some let a limit that strikes in the body end the task."""


def skips_a_listener() -> bool:
    """Older versions of Locust pass over the listener behind one that removes itself."""
    hook, heard = EventHook(), []

    def once() -> None:
        hook.remove_listener(once)

    for each in (once, lambda: heard.append(1), lambda: heard.append(2)):
        hook.add_listener(each)
    hook.fire()
    return heard != [1, 2]


def sends_spaces() -> bool:
    """Older versions of geventhttpclient send a space of the URL as it is, which makes no request."""
    try:
        return "/a b" in HTTPClient("h")._build_request("GET", "/a b")
    except ValueError:
        return False


def constants(function: Any) -> tuple[object, ...]:
    """By which versions are told apart."""
    found: tuple[object, ...] = function.__code__.co_consts
    return found


QUOTES_URLS = "quoted_uri" in constants(LocustUserAgent._urlopen)
"""Older versions of Locust's FastHttpUser send letters of a URL as they are, also where that makes no request."""

ODD_URLS = ("urls_with_unusual_letters", "urls_with_marks", "params_behind_a_query")

COUNTED = ("events", "entries", "total", "errors")

SENDS_LATIN = "latin-1" in constants(HTTPClient.request)
"""Older versions of geventhttpclient send headers in UTF-8."""

MEASURES_STREAMS = "content-length" in constants(FastHttpSession.request)
"""Older versions of Locust look for the length of a stream in a header that nobody sends."""

WORDS_OF_TLS = (
    "tls_verify_names_no_certificate",
    "tls_cert_is_missing",
    "tls_cert_by_other_authorities",
    "tls_cert_that_cannot_be_used",
    "tls_of_streams",
)
"""Where the engine says in words of its own which file, or whose refusal, it was."""

DIFFERENT = {
    **({(kind, "listeners_that_raise_and_change"): {"returned"} for kind in KINDS} if skips_a_listener() else {}),
    ("fast", "again_with_other_cookies"): {"target", "returned", "events"} if sends_spaces() else set(),
    ("http", "broken_answers"): {"returned", "events", "errors", *OLD},  # the numbers of bytes in IncompleteRead's text
    ("http", "own_headers"): {"returned", "events", "errors", *OLD} if OLD else set(),
    ("http", "headers_that_python_refuses"): set(COUNTED) if OLD else set(),
    ("http", "bad_urls"): {"returned"},  # an exception's __context__
    ("http", "verify_and_cert"): {"target"},  # without TLS, `verify` is no reason for another connection
    ("http", "post_stream_of_bytes"): {"target"},  # a generator's request has a connection of requests' own
    ("http", "stream_that_breaks_off"): {"returned"},  # the numbers of bytes of a chunk in IncompleteRead's text
    ("http", "tls_certs_of_odd_types"): {"target"},  # nothing is no reason for another connection, however it is said
    **({("http", name): {"events", "errors"} for name in WORDS_OF_TLS}),
    **({("fast", f"context_that_trusts_a_{what}"): {"events", "errors"} for what in ("file", "text", "folder")}),
    ("fast", "broken_answers"): {"target", "returned", "events", "errors", "raised", *OLD},  # see docs/python.md
    # A CONNECT has a Host, as HTTP/1.1 wants it, and a proxy that is a server as well needs no second connection.
    **{("http", f"proxy_{name}"): {"target"} for name in ("of_a_request", "of_the_session", "of_the_environment")},
    **{("http", f"proxy_{name}"): {"target"} for name in ("with_credentials", "tunnels", "refuses")},
    ("http", "proxy_answers_nonsense"): {"target", "events", "errors"},  # and the parser's words
    ("fast", "agent_proxy"): {"target"},  # geventhttpclient names port 80 where the URL doesn't
    ("fast", "agent_proxy_tunnels"): {"target"},
    # A failure that is counted; geventhttpclient raises what ends the task, and Locust counts nothing.
    ("fast", "agent_proxy_refuses"): {"returned", "events", "entries", "total", "errors"},
    **{
        (kind, "redirects_to_nowhere"): {"target"} for kind in KINDS
    },  # each tries closed connections as often as it does
    ("fast", "odd_heads"): {"returned", "events", "errors"},  # the parser's words
    ("fast", "broken_answer_caught"): {"target"},  # geventhttpclient sends such a request eleven times
    ("fast", "rest"): {"target"},  # the same
    **({} if QUOTES_URLS else {("fast", name): {"target", "returned", *COUNTED} for name in ODD_URLS}),
    **({} if SENDS_LATIN else {("fast", "headers_of_a_request"): {"target"}}),
    ("fast", "timeout_in_the_body"): {"returned", "events"},  # what was received of it
}
"""What is known to differ, and why; all other parts of these cases are compared."""


def run(target: RecordingTarget, folder: pathlib.Path, client: str, kind: str, *options: str) -> Seen:
    """What the cases and the target saw, by case."""
    out = folder / f"{client}-{kind}.json"
    target.take()
    command = [sys.executable, str(HERE / "run_cases.py"), "--client", client, "--kind", kind]
    command += ["--port", str(target.port), "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    results: Seen = json.loads(cases.tidy(out.read_text()))
    name = ""
    first = 0
    for request in target.take():
        if request.method == "MARK":
            name, first = request.target[1:], request.connection
            results[name]["target"] = []
            continue
        # All requests and bodies; which of them shared a connection; multipart boundaries are random.
        results[name]["target"].append(
            [
                request.connection - first,
                request.method,
                cases.tidy(request.target),
                sorted(([key, cases.tidy(value)] for key, value in request.headers), key=lambda pair: pair[0].lower()),
                cases.tidy(request.body.decode("latin-1")),
                request.chunks,
            ]
        )
    return results


def listen_tls(target: RecordingTarget, folder: pathlib.Path) -> list[str]:
    """Has the target listen for HTTPS; returns what the cases are told of it."""
    certificates = Certificates(folder)
    ports = target.listen_tls(certificates.server()), target.listen_tls(certificates.server(demands_certificate=True))
    return ["--tls-port", str(ports[0]), "--club-port", str(ports[1]), "--certificates", str(folder)]


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Seen]:
    """What all cases saw with each client; made once, however many processes run the tests."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    made = folder / "differential-seen.json"
    with (folder / "differential.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            target = RecordingTarget()
            tls = listen_tls(target, folder / "certificates")
            keys = [(client, kind) for kind in KINDS for client in ("locust", "katydid", "spoiled")]
            results = {"-".join(key): run(target, folder, *key, *tls) for key in keys}
            results |= {f"quiet-{kind}": run(target, folder, "katydid", kind, "--quiet", *tls) for kind in KINDS}
            made.write_text(json.dumps(results))
            target.close()
    return {(key.split("-")[0], key.split("-")[1]): value for key, value in json.loads(made.read_text()).items()}


def names(kind: str) -> list[str]:
    """From the sources: importing the cases would have gevent patch this process."""
    found = [
        re.findall(r"^@(\w+)\ndef (\w+)\(user: Any(?:, _?see: See)?\) -> object:", path.read_text(), re.MULTILINE)
        for path in sorted(HERE.glob("*_cases.py"))
    ]
    return [name for each in found for registry, name in each if registry in (kind, "both")]


ALL = [(kind, name) for kind in KINDS for name in names(kind)]


STREAMS_OF_AGENTS = {"agent_upload_caught", *(name for _, name in ALL if name.startswith("agent_stream"))}


AT_ONCE = (
    # An answer that has come whole keeps its connection, read or not.
    "stream_left_early",
    "agent_stream_released",
    "pool_in_a_task",
    "spawned_in_a_task",
    "concurrency",
    "killed_while_it_waits_for_a_slot",
    "slots_of_a_pool",
    "tls_at_the_same_time",
)


def comparable(name: str, outcome: dict[str, Any]) -> dict[str, Any]:
    """Without the order of what happened at the same time, and without zstd, which urllib3 offers from Python 3.14 on
    and the engine does not know.
    """
    outcome = json.loads(json.dumps(outcome).replace(", zstd", ""))
    if name in AT_ONCE:
        for key in ("target", "events"):
            outcome[key] = sorted((request[1:] if key == "target" else request for request in outcome[key]), key=str)
    return outcome


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_case(seen: dict[tuple[str, str], Seen], kind: str, name: str) -> None:
    if "redirect_resonse_codes" in str(seen["locust", kind][name].get("raised")):
        pytest.skip("this version of Locust fails by a misspelt name")
    expected, actual = (comparable(name, seen[client, kind][name]) for client in ("locust", "katydid"))
    if (kind, name) in ENDS_THE_CASE and expected.get("raised"):
        pytest.skip("this version of Locust ends the case by an exception")
    if "has no attribute 'iter_content'" in str(expected.get("raised")):
        pytest.skip("this version of Locust has an iter_lines() that never works")
    left_out = DIFFERENT.get((kind, name), set())
    if not MEASURES_STREAMS and name in STREAMS_OF_AGENTS:
        left_out = left_out | {"events", "entries", "total"}
    for part in {"target", "raised", "returned", "events", "entries", "total", "errors"} - left_out:
        assert actual.get(part) == expected.get(part), f"{part} of {kind} {name}"


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_case_without_listeners(seen: dict[tuple[str, str], Seen], kind: str, name: str) -> None:
    """What is counted natively is what the event would have counted."""
    expected, actual = (comparable(name, seen[client, kind][name]) for client in ("katydid", "quiet"))
    for part in ("target", "raised", "returned", "entries", "total", "errors"):
        assert actual.get(part) == expected.get(part), f"{part} of {kind} {name}"


def test_a_tunnel_that_is_refused_is_a_failure(seen: dict[tuple[str, str], Seen]) -> None:
    """Where the exception of Locust's own client ends the task."""
    case = seen["katydid", "fast"]["agent_proxy_refuses"]
    assert case["entries"] == [["GET", "/x", 4, 4, 0]]
    assert {response.get("status", 0) for response in case["returned"]} == {0}
    assert sorted(re.findall(r"ProxyError: .*?(?= \(wants-)", " ".join(error for _, error, _ in case["errors"]))) == [
        "ProxyError: the answer is not HTTP/1: 'this is not HTTP'",
        "ProxyError: the proxy closed the connection before it opened a tunnel",
        "ProxyError: the proxy refused a tunnel with 403 Filtered",
        "ProxyError: the proxy refused a tunnel with 407 Who Are You",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_notices_a_difference(seen: dict[tuple[str, str], Seen], kind: str) -> None:
    """A header or a name that is wrong must show in nearly all cases, or the comparison compares nothing."""
    spoiled, expected = seen["spoiled", kind], seen["locust", kind]
    same = [name for name in expected if comparable(name, spoiled[name]) == comparable(name, expected[name])]
    assert len(same) < len(expected) / 3, f"these did not notice: {same}"


def test_there_are_enough_cases() -> None:
    assert len(ALL) >= 190
