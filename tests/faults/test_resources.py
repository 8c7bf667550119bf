"""What a machine runs out of, and a clock that jumps: users fail or go on, and every request is counted."""

import json
import time

import pytest
from modes import MODES
from resources import Clock, fill, limited, small_disk


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk") as folder:
        yield folder


@pytest.mark.parametrize("mode", ["cpp-FastHttpUser", "gevent-HttpUser", "asyncio"])
def test_no_room_for_the_log(world, disk, mode):
    file = disk / "worker.log"
    w = world(mode, "--logfile", file, "--loglevel", "DEBUG")
    fill(disk)
    w.at_full_load()
    w.stop()
    w.judge()
    w.works_as_before()
    w.ends_well((r"Traceback",))  # Python's logging tells of it in its own way
    assert file.stat().st_size > 0


@pytest.mark.parametrize("mode", ["cpp-HttpUser", "cpp-FastHttpUser", "asyncio", "trio"])
def test_no_room_for_the_request_log(world, disk, mode):
    """What fits is there in whole lines, and the rest is counted."""
    file = disk / "requests.jsonl"
    w = world(mode, "--request-log", file)
    w.swarm()
    w.worker.wait_for_output(r"--request-log can't write to \S+: No space left on device")
    w.stop()
    total = w.judge()["total"]["num_requests"]
    w.ends_well((r"request-log|request log",))
    assert w.worker.output().count("can't write") == 1
    dropped = int(w.worker.wait_for_output(r"(\d+) lines of the request log").group(1))
    lines = file.read_text().splitlines()
    whole = [line for line in lines if _is_json(line)]
    assert len(lines) - len(whole) <= 1, "the last may be cut"
    assert len(whole) + dropped == total


def _is_json(line):
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("full", [False, True], ids=["a small disk", "a full disk"])
def test_no_room_for_what_is_compiled(lab, disk, full):
    """The error names the disk, and does not blame the locustfile."""
    if full:
        fill(disk)
    command = [*MODES["cpp-FastHttpUser"].command(lab), "--headless", "-t", "1s", "-u", "1", "-H", "http://127.0.0.1:9"]
    katydid = lab.run("katydid", [*command, "--cache-dir", disk / "cache"])
    code = katydid.wait(120)
    output = katydid.output()
    if code != 1 or "Type     Name" not in output:  # it may also do without its cache
        assert "No space left on device" in output or str(disk) in output, output


@pytest.mark.parametrize("mode", list(MODES))
def test_no_descriptors_left(world, mode):
    """Users without a connection fail and say why; the worker keeps what it needs for itself."""
    w = world(mode, before=limited(nofile=72), users=100)
    w.goes_on_failing("Too many open files")
    w.users = 5
    w.works_as_before()
    w.ends_well((r"of 72 file descriptors in use",))


@pytest.mark.parametrize("mode", list(MODES))
def test_a_clock_that_jumps(world, tmp_path, mode):
    """Back an hour, ahead two: as a machine does that was set wrong, or a guest that was moved."""
    clock = Clock(tmp_path)
    w = world(mode, environment=clock.environment)
    w.at_full_load()
    for shift in (-3600, 3600, 0):
        clock.shift(shift)
        w.wait_for_requests(100)
        time.sleep(3)
        assert w.master.now()["workers"][0]["state"] == "running"
    w.stop()
    slowest = w.judge()["total"]["max_response_time"]
    assert slowest < 3000, "milliseconds; no request took an hour"
    assert w.longest_gap < 2.5
    w.works_as_before()
    w.ends_well((r"katydid.blocking",))  # libfaketime bends what waits for a condition, too
