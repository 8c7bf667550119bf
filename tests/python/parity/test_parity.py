"""Locust's vocabulary beside Locust: what the target sees must be the same.

Each file of scenarios/ in Python is a plain locustfile, which Locust runs. For AsyncUser and TrioUser it is rewritten,
and the worker in C++ runs its twin.
"""

from __future__ import annotations

import pathlib
import re

import pytest
from recording_target import RecordingTarget

from ..command.test_command import needs_locust
from .runs import MODES, run, told

pytestmark = needs_locust


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("scenario", "options"),
    [
        ("nesting", ()),
        ("steering", ()),
        ("scheduling", ()),
        ("choosing", ()),
        ("tagged", ("--tags", "wanted", "--exclude-tags", "not-this")),
        ("stopped", ()),
    ],
)
def test_requests_in_order(
    mode: str, scenario: str, options: tuple[str, ...], target: RecordingTarget, tmp_path: pathlib.Path
) -> None:
    locust = run("locust", scenario, target, tmp_path, *options)
    ours = run(mode, scenario, target, tmp_path, *options)
    assert ours.asked == locust.asked, ours.output
    assert len(ours.asked) > 2
    assert "never" not in ours.asked


@pytest.mark.parametrize("mode", MODES)
def test_listeners_steer_tasks(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    """What one raises reaches the task, and no other listener hears of that request."""
    locust = run("locust", "listening", target, tmp_path)
    ours = run(mode, "listening", target, tmp_path)
    assert ours.asked == locust.asked, ours.output
    assert told(ours.output) == told(locust.output) == ["unheard", "inner-on_stop", "user-on_stop"]
    assert len(locust.asked) == 11


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ending", ["stop", "stop_test", "quit"])
def test_users_end_themselves(
    mode: str, ending: str, target: RecordingTarget, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENDING", ending)
    locust = run("locust", "endings", target, tmp_path)
    ours = run(mode, "endings", target, tmp_path)
    # Locust's process may be gone before the last request of an on_stop, where a user ended it.
    seen = len(ours.asked) if ending == "stop" else len(locust.asked)
    assert ours.asked[:seen] == locust.asked, ours.output
    if ending == "stop_test":  # in Locust, the exception ends the process as a signal does: `quitting` comes first
        assert told(ours.output) == ["test_stopping", "test_stop", "quitting"]
        assert sorted(told(locust.output)) == sorted(told(ours.output))
    else:
        assert told(ours.output) == told(locust.output), ours.output
    assert len(told(ours.output)) == 3
    assert ours.asked[-2:] == ["set-on_stop", "user-on_stop"]
    assert ("why not" in ours.output) == (ending == "stop_test")


@pytest.mark.parametrize("mode", MODES)
def test_exceptions_are_reported(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    output = run(mode, "steering", target, tmp_path).output
    for text in (
        "a task is broken",
        "on_start is broken",
        "it cannot be made",
        "on_stop is broken",
        "main's on_stop is broken",
    ):
        assert text in output


@pytest.mark.parametrize("mode", [*MODES, "locust"])
def test_waits(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    """Each request's name says how long after the one before it comes."""
    ours = run(mode, "waiting", target, tmp_path)
    assert [re.sub(r"-?[\d.]+$", "", each) for each in ours.asked] == [
        "", "", "within", "then", "leave", "pace", "two", "end",
    ]  # fmt: skip
    for name, gap in zip(ours.asked[1:], ours.gaps, strict=True):
        due = {"within-0.4": 0.4, "then-0.2": 0.4, "leave-0": 0.2}.get(name)
        assert due is None or due - 0.02 < gap < due + 0.2, (name, ours.gaps)


@pytest.mark.parametrize("mode", [*MODES, "locust"])
def test_chances(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    asked = run(mode, "chances", target, tmp_path).asked
    counts = {name: int(count) for name, count in (each.split("=") for each in asked)}
    assert list(counts) == ["four", "one", "three", "one_in_four", "start"]
    assert counts["four"] + counts["one"] + counts["three"] >= 4000
    for name, share in {"four": 1 / 2, "one": 1 / 8, "three": 3 / 8, "one_in_four": 1 / 5, "start": 4 / 5}.items():
        # Five times the standard deviation; a walk's choices hang together, but these ones hardly.
        assert abs(counts[name] - 4000 * share) < 5 * (4000 * share * (1 - share)) ** 0.5 + 5, counts


@pytest.mark.parametrize("mode", [*MODES, "locust"])
def test_waits_by_chance(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    """On average a wait is as long as it should be, but for what a request takes."""
    ours = run(mode, "drawn", target, tmp_path)
    gaps: dict[str, list[float]] = {}
    for name, after, gap in zip(ours.asked, ours.asked[1:], ours.gaps, strict=False):
        if name == after:
            gaps.setdefault(name, []).append(gap)
    assert {name: len(each) for name, each in gaps.items()} == {"between": 99, "poisson": 199, "throughput": 59}
    # The standard deviation of the mean is 1.2 ms for the first, 1.8 ms for the second, and 0 for the third.
    for name, mean in (("between", 0.03), ("poisson", 0.025), ("throughput", 0.025)):
        measured = sum(gaps[name]) / len(gaps[name])
        assert mean - 0.007 < measured < mean + 0.017, (name, measured)
    # The target may see one request late, so that the gap behind it is short.
    assert sorted(gaps["between"])[10] > 0.008
    assert sorted(gaps["throughput"])[10] > 0.015
    assert sorted(gaps["poisson"])[20] < 0.012


@pytest.mark.parametrize("mode", [*MODES, "locust"])
def test_a_rate_of_all_users(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    """Eight users at 40 requests a second."""
    ours = run(mode, "total", target, tmp_path, "-u", "8", "-r", "100", "-t", "8s")
    behind = ours.gaps[40:]  # by then all have started
    assert len(behind) / sum(behind) == pytest.approx(40, rel=0.1), ours.output


@pytest.mark.parametrize("mode", MODES)
def test_events(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    def events_of(output: str) -> tuple[list[str], list[str]]:
        """In order, but for one: users begin while the test is still told that all have started."""
        all_ = told(output)
        return [each for each in all_ if "spawning" not in each], [each for each in all_ if "spawning" in each]

    locust = events_of(run("locust", "events", target, tmp_path).output)
    ours = run(mode, "events", target, tmp_path).output
    ordered, spawning = events_of(ours)
    assert "\n".join(ordered) == "\n".join(locust[0])
    assert spawning == locust[1]
    assert len(locust[0]) > 30
    assert "a listener is broken" in ours


@pytest.mark.parametrize("mode", MODES)
def test_own_arguments(
    mode: str, target: RecordingTarget, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARITY_WORD", "of a variable")
    options = ("--items", "7", "-x", "2.5", "--fast", "--kind=b")

    def seen(mode: str) -> list[str]:
        done = run(mode, "arguments", target, tmp_path, *options)
        return [*done.asked, *told(done.output)]

    assert seen(mode) == seen("locust") == ["7", "7 2.5 of a variable unsaid", "1 0 b"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--help",), "How many items to buy"),
        (("--items", "many"), "many"),
        (("--kind", "c"), "choose from"),
        (("--unknown", "1"), "unrecognized arguments"),
    ],
)
def test_own_arguments_that_are_wrong(
    mode: str, options: tuple[str, ...], words: str, target: RecordingTarget, tmp_path: pathlib.Path
) -> None:
    done = run(mode, "arguments", target, tmp_path, *options)
    assert words in done.output
    assert not done.asked


WRONG_WALKS = {
    "nowhere": "Transition to nowhere from look is invalid since no such",
    "tags": "Tags are unsupported for MarkovTaskSet since they can make the markov chain invalid",
    "unreachable": "unreachable in class",
    "empty": "tasks defined",
}
WRONG_WALK = """
from locust import FastHttpUser, MarkovTaskSet, TaskSet, constant, tag, task, transition
class Walk(MarkovTaskSet):
%s
class Walker(FastHttpUser):
    wait_time = constant(1)
    tasks = [Walk]
"""
STEPS = {
    "nowhere": ['@transition("nowhere")', "def look(self): self.client.get('/hello?look')"],
    "tags": ['@tag("slow")', '@transition("look")', "def look(self): self.client.get('/hello?look')"],
    "unreachable": [
        *('@transition("look")', "def look(self): self.client.get('/hello?look')"),
        *('@transition("look")', "def apart(self): self.client.get('/hello?never')"),
    ],
    "empty": ["def look(self): self.client.get('/hello?look')"],
}
WRONG_WALK_IN_CPP = """
#include <katydid/katydid.hpp>
using namespace katydid;
using namespace std::chrono_literals;
struct Walk : MarkovTaskSet<FastHttpUser> {
  task<> look() { co_await client().get("/hello?look"); }
  task<> apart() { co_await client().get("/hello?never"); }
  task<> nowhere() { co_return; }
};
KATYDID_TASK_SET(Walk)%s;
struct Walker : FastHttpUser {};
KATYDID_USER(Walker).wait_time(constant(1s)).task<Walk>();
"""
STEPS_IN_CPP = {
    "nowhere": ".task<&Walk::look>().transition<&Walk::nowhere>()",
    "tags": '.task<&Walk::look>(1, {.tags = {"slow"}}).transition<&Walk::look>()',
    "unreachable": ".task<&Walk::look>().transition<&Walk::look>().task<&Walk::apart>().transition<&Walk::look>()",
    "empty": "",
}


@pytest.mark.parametrize("mode", [*MODES, "locust"])
@pytest.mark.parametrize("mistake", WRONG_WALKS)
def test_wrong_transitions(mode: str, mistake: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    """Each is refused, or, where it is only odd, said."""
    file = tmp_path / ("walk.cpp" if mode == "cpp" else "walk.py")
    text = WRONG_WALK % "\n".join(f"    {line}" for line in STEPS[mistake])
    file.write_text(WRONG_WALK_IN_CPP % STEPS_IN_CPP[mistake] if mode == "cpp" else text)
    done = run(mode, "walk", target, tmp_path, "-t", "6s", scenarios=tmp_path)
    assert WRONG_WALKS[mistake] in done.output
    assert bool(done.asked) == (mistake == "unreachable")
    assert "never" not in done.asked
