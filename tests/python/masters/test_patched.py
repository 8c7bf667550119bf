"""What replaces a method or function below Locust's sessions, as OpenTelemetry and SDKs do, is never passed by."""

from __future__ import annotations

import pytest
from real_master import KATYDID, Processes, ended
from recording_target import RecordingTarget

LIBRARIES = [
    "session.send",
    "session.request",
    "session.prepare_request",
    "adapter.send",
    "pool.urlopen",
    "HttpSession._send",
    "agent.urlopen",
    "agent._urlopen",
    "client._build_request",
    "FastHttpSession._send",
]


def run(processes: Processes, target: RecordingTarget, monkeypatch: pytest.MonkeyPatch, what: str, when: str) -> str:
    monkeypatch.setenv("TEST_WHAT", what)
    monkeypatch.setenv("TEST_WHEN", when)
    host = target.url.replace("127.0.0.1", "nowhere.test") if what.endswith("getaddrinfo") else target.url
    options = ["--headless", "-u", "1", "-t", "30s", "--host", host]
    assert ended(processes.worker("patched.py", "run", KATYDID, *options)) == 0
    return processes.text("run")


@pytest.mark.parametrize("what", LIBRARIES)
def test_patched_when_imported(
    target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    log = run(processes, target, monkeypatch, what, "import")
    assert "calls 6" in log
    assert log.count("somebody has replaced") == 1
    seen = target.take()
    assert len(seen) == 6
    if what == "session.send":
        assert all("traceparent" in str(request) for request in seen)


@pytest.mark.parametrize("what", ["session.send", "pool.urlopen", "agent._urlopen"])
def test_patched_between_two_requests(
    target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    assert "calls 6" in run(processes, target, monkeypatch, what, "late")
    assert len(target.take()) == 8


@pytest.mark.parametrize("what", ["session.send", "HttpSession._send", "FastHttpSession._send"])
def test_patched_in_one_session(
    target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    assert "calls 6" in run(processes, target, monkeypatch, what, "instance")


@pytest.mark.parametrize("what", ["HttpSession.request", "FastHttpSession.request"])
def test_what_only_wraps_a_session_keeps_the_engine(
    target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    log = run(processes, target, monkeypatch, what, "import")
    assert "calls" in log
    assert "somebody has replaced" not in log


@pytest.mark.parametrize(
    "what",
    [
        "socket.getaddrinfo",
        "socket.socket",
        "urllib3.create_connection",
        "urllib3.allowed_gai_family",
        "gevent.getaddrinfo",
        "gevent.socket",
    ],
)
def test_patched_functions_that_connect(
    target: RecordingTarget, processes: Processes, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    log = run(processes, target, monkeypatch, what, "import")
    assert "calls" in log
    assert "calls 0" not in log
    assert log.count("somebody has replaced") == 1
    assert len(target.take()) == 6
