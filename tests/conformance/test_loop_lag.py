"""A generator that lags behind says so, for its lag is part of the response times that it measures."""
import re

import pytest

from harness.lab import ROOT
from harness.wait import eventually

pytestmark = pytest.mark.katydid
LOCUSTFILES = ROOT / "tests" / "conformance" / "locustfiles"
BLOCKING = LOCUSTFILES / "blocking.cpp"
WARNING = re.compile(
    r"katydid loop lag: p50 ([\d.]+) ms, p99 ([\d.]+) ms, max ([\d.]+) ms\. Response times \(([\d.]+) ms on average\)"
)


def run_one(lab, options=()):
    target = lab.target()
    run = f"-u 2 -r 2 -t 5s --host {target.url} --expect-workers 1"
    master = lab.master(lab.printed_locustfile(BLOCKING), run=run)
    worker = lab.worker(BLOCKING, master.port, ["--processes", 1, *options])
    final = master.final()
    assert worker.wait() == 0
    assert final["total"]["num_requests"] == target.completed, "the entry of the lag is in no total"
    return final, worker


def test_a_loop_that_is_blocked_is_told_in_a_line(lab):
    final, worker = run_one(lab)
    told = WARNING.search(worker.output())
    assert told, worker.output()
    p50, p99, most, _ = map(float, told.groups())
    assert p50 <= p99 <= most
    assert 25 < p99 < 1000
    assert not any(entry["name"] == "katydid loop lag" for entry in final["entries"])


def test_the_lag_is_an_entry_by_option(lab):
    final, _ = run_one(lab, ["--report-loop-lag"])
    lag = next(entry for entry in final["entries"] if entry["name"] == "katydid loop lag")
    assert lag["method"] == "LOOP"
    assert lag["num_requests"] > 10
    assert 25 < lag["max_response_time"] < 1000


def test_the_line_is_among_the_masters_logs(lab):
    target = lab.target()
    master = lab.master(lab.printed_locustfile(BLOCKING))
    lab.worker(BLOCKING, master.port)
    master.wait_for_workers(1)
    master.swarm(4, 4, target.url)
    eventually(lambda: "katydid loop lag" in str(master.worker_logs()), "the master shows the worker's line", 40)


def headless(lab, file, user, users, seconds):
    target = lab.target()
    options = ["--headless", "--only-summary", "-u", users, "-r", users, "-t", f"{seconds}s", "-H", target.url]
    options += ["--processes", 1, "--report-loop-lag"]
    process = lab.run("katydid", [lab.katydid, "-f", LOCUSTFILES / file, *options, user])
    assert process.wait(120) == 0
    assert "katydid loop lag of the whole run: p50" in process.output()
    return process.output()


@pytest.mark.parametrize("users", [50, 1000])
def test_a_generator_that_is_saturated_says_so(lab, users):
    """Users without a wait time: each sends its next request when the loop gets to it, and no schedule falls behind.

    They work for longer than the target does. Where tests run beside it the target may be what they wait for all the
    same: then once more.
    """
    for _ in range(3):
        told = WARNING.search(output := headless(lab, "working.cpp", "WorkingUser", users, 8))
        assert told, output
        p50, _, _, mean = map(float, told.groups())
        if p50 > mean / 10:
            return
    pytest.fail(f"the lag is warned of, and yet less than a tenth of the response time in three rounds:\n{output}")


def busy_share():
    """Of all cores, since the machine started: (seconds of work, seconds)."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def test_a_generator_with_little_to_do_does_not_complain(lab):
    """Tests run beside it, whose lag is real: one quiet round out of five is enough."""
    shares = []
    for _ in range(5):
        before = busy_share()
        output = headless(lab, "load.cpp", "HelloUser", 5, 5)
        if not WARNING.search(output):
            return
        worked, all_time = (now - then for now, then in zip(busy_share(), before))
        shares.append(worked / all_time)
    if max(shares) > 0.5:
        pytest.skip("other programs have the processor, so that there is lag to complain of")
    pytest.fail(f"with {max(shares):.0%} of the machine busy at most:\n{output}")
