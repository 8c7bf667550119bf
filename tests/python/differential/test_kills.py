"""A kill that comes in the middle of a request waits for its end; a time limit does not."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest
from recording_target import RecordingTarget

PROGRAM = """
import os, sys, time
from katydid.gevent import install
install()
import gevent
import locust
from katydid.gevent.lingering import lingering
from locust.env import Environment
from locust.event import Events

user_class = type("U", (getattr(locust, sys.argv[1]),), {"host": "http://127.0.0.1:" + sys.argv[2], "tasks": [print]})
environment = Environment(user_classes=[user_class], events=Events())
environment.create_local_runner()
lingering.limit = 0.5
seen = []

def counted():
    entries = environment.stats.entries.values()
    found = {f"{e.method} {e.name}": (e.num_requests, e.num_failures) for e in entries if e.num_requests}
    environment.stats.clear_all()
    cut_off, lingering.cut_off = dict(lingering.cut_off), type(lingering.cut_off)()
    return found, cut_off

def killed(task, after=0.05):
    user = user_class(environment)
    job = gevent.spawn(task, user.client)
    gevent.sleep(after)
    assert not job.dead
    job.kill()
    assert "throw" not in job.__dict__
    assert not lingering.under_way and not lingering.to_be_judged
    return isinstance(job.value, gevent.GreenletExit)

def plain(client):
    client.get("/delay/150")
    seen.append("went on")

def going_to(path, **more):
    def redirected(client):
        client.get(path, name="r", **more)
        seen.append("went on")
    return redirected

def judged_redirected(client):
    with client.get("/redirect/302?to=/delay/150", name="r", catch_response=True) as response:
        seen.append("judging")
        response.failure("no")
    seen.append("went on")

def stream(client):
    client.get("/delay/150", stream=True)
    seen.append("went on")

def slow(client):
    client.get("/delay/5000")

def slow_stream(client):
    client.get("/delay/5000", stream=True)

def judged(client):
    with client.get("/delay/150", catch_response=True) as response:
        seen.append("judging")
        response.failure("no")
    seen.append("went on")

def judged_stream(client):
    with client.get("/delay/150", stream=True, catch_response=True) as response:
        seen.append("judging")
        response.failure("no")
    seen.append("went on")

def pieces(pause, *pieces):
    for piece in pieces:
        gevent.sleep(pause)
        yield piece

def upload(client):
    client.post("/echo", data=pieces(0.05, b"one", b"two", b"three"))
    seen.append("went on")

def slow_upload(client):
    client.post("/echo", data=pieces(1, b"one", b"two", b"three"))

def never_judged(client):
    client.get("/delay/150", catch_response=True)
    gevent.sleep(5)

def sleeping(client):
    with client.get("/hello", catch_response=True) as response:
        gevent.sleep(5)

def sleeping_after(client):
    with client.get("/hello", catch_response=True) as response:
        response.failure("no")
        gevent.sleep(5)

for task in (plain, stream):
    assert killed(task)
    assert counted() == ({"GET /delay/150": (1, 0)}, {}), task
for task in (slow, slow_stream):
    begun = time.monotonic()
    assert killed(task)
    assert 0.4 < time.monotonic() - begun < 2
    assert counted() == ({}, {"GET /delay/5000": 1}), task
for path in (
    "/redirect/302?to=/delay/150",
    "/redirect/302?to=/redirect/307?to=/delay/150",
    "/redirect/302?after=100&to=/delay/100",
    "/redirect/302?after=100&set=a=1&to=/redirect/302?to=/hello",
    "/redirect/302?after=100&to=/hello%23part",
    "/redirect/302?to=/redirect/302?after=100%26to=/hello%23part",
):
    assert killed(going_to(path))
    assert counted() == ({"GET r": (1, 0)}, {}), path
for path in ("/redirect/302?after=100&to=/status/404", "/redirect/302?to=/redirect/302?after=100%26to=/status/404"):
    assert killed(going_to(path))
    assert counted() == ({"GET r": (1, 1)}, {}), path
for path in ("/redirect/302?to=/delay/5000", "/redirect/302?after=100&to=/delay/5000", "/redirect/302?after=5000"):
    begun = time.monotonic()
    assert killed(going_to(path))
    assert 0.4 < time.monotonic() - begun < 2
    assert counted() == ({}, {"GET r": 1}), path
assert not seen
assert killed(judged_redirected)
assert counted() == ({"GET r": (1, 1)}, {})
assert seen == ["judging"]
seen.clear()
for task in (judged, judged_stream):
    assert killed(task)
    assert counted() == ({"GET /delay/150": (1, 1)}, {}), task
assert seen == ["judging", "judging"]
for task, found in ((upload, ({"POST /echo": (1, 0)}, {})), (slow_upload, ({}, {"POST /echo": 1}))):
    assert killed(task)
    assert counted() == found, task
assert killed(never_judged) and counted() == ({}, {"GET /delay/150": 1})
assert killed(sleeping) and counted() == ({}, {"GET /hello": 1})
assert killed(sleeping_after) and counted() == ({"GET /hello": (1, 1)}, {})

def limited(client, **more):
    try:
        with gevent.Timeout(0.1, False):
            client.get("/delay/5000", **more)
    finally:
        seen.append("over")

for more in ({}, {"stream": True}):
    begun = time.monotonic()
    limited(user_class(environment).client, **more)
    assert time.monotonic() - begun < 0.4
def raising():
    yield b"begun"
    gevent.sleep(0.1)
    raise ValueError("out of ink")

counted()
try:
    user_class(environment).client.post("/echo", data=raising())
except ValueError:
    seen.append("raised")
assert seen[-1] == "raised" and counted() == ({}, {"POST /echo": 1})
with gevent.Timeout(0.3, False):
    user_class(environment).client.post("/echo", data=pieces(1, b"one"))
assert counted()[1] == ({"POST /echo": 1} if sys.argv[1] == "HttpUser" else {})  # which counts a failure
print("done", flush=True)
os._exit(0)
"""


@pytest.mark.parametrize("kind", ["HttpUser", "FastHttpUser"])
def test_kills(target: RecordingTarget, tmp_path: pathlib.Path, kind: str) -> None:
    command = [sys.executable, "-c", PROGRAM, kind, str(target.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert done.stdout == "done\n", done.stderr[-3000:]
