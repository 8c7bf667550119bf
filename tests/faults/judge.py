"""Whether all that a run's target has seen is counted by the master, or listed by the worker itself."""

import re
import time
from collections import Counter

import pytest
from cut_off import cut_off, cut_off_by_name

IN_DOUBT = re.compile(r"reports of (\d+) requests? were on their way")


def in_doubt(log):
    """Requests of reports that were on their way when a connection to the master broke: it may have them or not."""
    return sum(map(int, IN_DOUBT.findall(log)))


def counted(now):
    """(requests, failures) by "METHOD path"."""
    return {f"{e['method']} {e['name']}": (e["num_requests"], e["num_failures"]) for e in now["entries"]}


def complaints(now, counts, log, target_is_clean=True):
    """What is wrong: `now` of the master, the target's counts, and the logs of all workers as one text."""
    by_path, cut, doubt = counts["by_path"], Counter(cut_off_by_name(log)), in_doubt(log)
    entries = counted(now)
    wrong = []
    for path in sorted({*by_path, *entries}):
        requests, failures = entries.get(path, (0, 0))
        seen = by_path.get(path, {"started": 0, "completed": 0})
        text = f"{path}: the master has {requests} with {failures} failures, the target began {seen['started']} and"
        text += f" completed {seen['completed']}, {cut[path]} were cut off, {doubt} are in doubt"
        if target_is_clean and failures:
            wrong.append(f"failures of a target that has none. {text}")
        if requests - failures > seen["completed"]:
            wrong.append(f"counted what the target never completed. {text}")
        # A GET is sent once more over a new connection where the old one broke without a byte of an answer.
        times = 1 if target_is_clean or not path.startswith("GET ") else 2
        began = seen["completed"] if target_is_clean else seen["started"]
        if began > times * (requests + cut[path]) + doubt:
            wrong.append(f"lost. {text}")
    missing = counts["completed"] - sum(requests for requests, _ in entries.values()) - cut_off(log) - doubt
    if target_is_clean and missing > 0:
        wrong.append(f"{missing} requests are lost in all")
    return wrong


def check(master, target, workers, target_is_clean=True, patience=12.0):
    """The master's count after the last report, which may still be on its way."""
    deadline = time.monotonic() + patience
    while True:
        log = "".join(worker.output() for worker in workers)
        now = master.now()
        found = complaints(now, target.counts(), log, target_is_clean)
        if not found or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    if found:
        pytest.fail("\n".join(found), pytrace=False)
    return now


def accusations(log, allowed=()):
    """Lines that blame somebody; those that match a pattern of `allowed` are deserved."""
    lines = re.findall(r"^\[.*?\] \S+/(?:WARNING|ERROR|CRITICAL)/.*$|^Traceback.*$", log, re.M)
    return [line for line in lines if not any(re.search(pattern, line) for pattern in allowed)]
