"""A worker that may have no more memory, and numbers that have no more bits."""

import re
from dataclasses import replace

import pytest
from harness.wait import eventually
from modes import MODES
from resources import no_more_memory

MEBIBYTE = 1024 * 1024
OUT_OF_MEMORY = re.compile(r"no memory is left|bad_alloc|MemoryError|[Cc]annot allocate memory")
LARGE = "/bytes/400000000"
LARGEST = 2**64 - 1


def _file(mode, kind):
    normal = MODES[mode]
    return replace(normal, file=f"{kind}_{normal.file}" if normal.in_python else f"{kind}.cpp")


@pytest.mark.parametrize("mode", list(MODES))
def test_no_memory_for_some(world, mode):
    """Whoever asks for more fails and says so. All others go on, and every request is counted."""
    normal = _file(mode, "hungry")
    w = world(normal, classes=[normal.user_class, f"Hungry{normal.user_class}"], users=8)
    with no_more_memory(w.worker.pid, int(200.5 * MEBIBYTE)):
        w.swarm()
        w.master.wait_for_users(w.users)
        entry = eventually(lambda: w.master.entries().get(LARGE), "a large answer has failed", 40)
        told = eventually(lambda: [e["msg"] + e["traceback"] for e in w.master.exceptions()], "a task has failed", 40)
        w.wait_for_requests(200)
        w.stop()
        now = w.judge(target_is_clean=False)
    assert entry["num_requests"] == entry["num_failures"]
    errors = [text for _, name, text, _ in now["errors"]]
    assert errors
    assert all("MemoryError" in text for text in errors), errors
    causes = ("bad_alloc", "MemoryError", "bytearray(1_000_000_000)")  # Locust tells the lines, and not the exception
    assert all(any(cause in text for cause in causes) for text in told), told
    assert w.worker.alive
    assert w.longest_gap < 2.5


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser"])
def test_no_memory_at_all(world, mode):
    """The worker goes on with the users that it has, or it ends and says why: never without a word."""
    w = world(mode, users=4000)

    def said():
        alive, now = w.worker.alive, w.master.now()
        told = f"{w.worker.output()} {now['errors']} {w.master.exceptions()}"
        assert OUT_OF_MEMORY.search(told) or alive, "it has ended without a word"
        return OUT_OF_MEMORY.search(told)

    with no_more_memory(w.worker.pid, 4 * MEBIBYTE):
        w.swarm(rate=4000)
        eventually(said, "it says what is missing", 40)


@pytest.mark.parametrize("mode", ["cpp-HttpUser", "cpp-FastHttpUser"])
def test_numbers_at_the_end_of_64_bits(world, mode):
    """They stay there: no sum goes back to 0, and the master reads it."""
    w = world(_file(mode, "huge"))
    w.swarm()
    entries = eventually(lambda: _of_many(w, "/length", "/time"), "all is recorded")
    assert entries["/length"]["total_content_length"] % LARGEST == 0, "of each report"
    assert entries["/time"]["max_response_time"] == pytest.approx(2**63 / 1e6)
    assert entries["/time"]["avg_response_time"] <= 2**63 / 1e6
    w.stop()
    assert w.master.now()["total"]["num_failures"] == 0
    w.ends_well()


@pytest.mark.parametrize("mode", ["gevent-HttpUser", "gevent-FastHttpUser"])
def test_numbers_beyond_64_bits(world, mode):
    """Python's have no end: they reach the master, as floats where msgpack has no integer for them."""
    w = world(_file(mode, "huge"))
    w.swarm()
    entries = eventually(lambda: _of_many(w, "/length", "/beyond"), "all is recorded")
    for name, length in (("/length", LARGEST), ("/beyond", 2**70)):
        requests = entries[name]["num_requests"]
        assert entries[name]["total_content_length"] == pytest.approx(requests * length)
    w.stop()
    w.ends_well((r"holds what can only be sent as text",))


@pytest.mark.parametrize("mode", ["asyncio", "trio"])
def test_numbers_that_are_refused(world, mode):
    """By an exception of the task that says what is wrong; the largest that may be is counted."""
    w = world(_file(mode, "huge"))
    w.swarm()
    entry = eventually(lambda: _of_many(w, "/length"), "all is recorded")["/length"]
    assert entry["total_content_length"] == entry["num_requests"] * 2**50
    told = eventually(lambda: len(w.master.exceptions()) >= 2 and w.master.exceptions(), "exceptions are reported")
    texts = " ".join(each["msg"] + each["traceback"] for each in told)
    assert "a response length is from 0 to 2**50 bytes" in texts
    assert "a response time is from 0 to 1e10 milliseconds" in texts
    w.stop()
    assert "/refused" not in w.master.entries()


def _of_many(w, *names):
    entries = w.master.entries()
    return all(name in entries and entries[name]["num_requests"] > 20 for name in names) and entries
