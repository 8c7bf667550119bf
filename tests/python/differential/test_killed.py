"""Greenlets that are killed in the middle of a request, thousands of times: nothing crashes, hangs or leaks."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest
from recording_target import RecordingTarget

PROGRAM = """
import gc, os, random, sys
from katydid.gevent import install
install()
import gevent, psutil
import locust
from katydid.gevent.lingering import lingering
from locust.env import Environment
from locust.event import Events

kind, port, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
user_class = type("U", (getattr(locust, kind),), {"host": "http://127.0.0.1:" + port, "tasks": [print]})
environment = Environment(user_classes=[user_class], events=Events())
environment.create_local_runner()
lingering.limit = 0.05

def killed(count):
    for _ in range(count // 50):
        users = [user_class(environment) for _ in range(50)]
        path = random.choice(["/delay/30", "/hello", "/redirect/302", "/close"])
        jobs = [gevent.spawn(user.client.get, path) for user in users]
        gevent.sleep(random.random() * 0.02)
        gevent.killall(jobs, block=True)
    del users, jobs
    gc.collect()
    gevent.sleep(0.3)
    gc.collect()
    gevent.sleep(0.1)
    return psutil.Process().memory_info().rss, len(os.listdir("/proc/self/fd"))

memory, descriptors = killed(5000)
more_memory, more_descriptors = killed(times)
assert more_descriptors <= descriptors + 5, (descriptors, more_descriptors)
assert more_memory <= memory + 8 * 1024 * 1024, (memory, more_memory)
assert user_class(environment).client.get("/hello").status_code == 200
print("descriptors", descriptors, more_descriptors, "memory", memory >> 20, more_memory >> 20)
print("recorded", environment.stats.total.num_requests, "cut off", sum(lingering.cut_off.values()), flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("kind", ["HttpUser", "FastHttpUser"])
def test_killed_ten_thousand_times(target: RecordingTarget, tmp_path: pathlib.Path, kind: str) -> None:
    command = [sys.executable, "-c", PROGRAM, kind, str(target.port), "10000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "recorded" in done.stdout
