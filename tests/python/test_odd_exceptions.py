"""One user's or listener's exception, whatever it is, never ends a worker of asyncio or Trio."""

from __future__ import annotations

import json
import pathlib
import re
from collections.abc import Iterator

import pytest

from .bench import Bench, opened

LOCUSTFILE = """
import os, sys
from katydid import AsyncUser, TrioUser, constant, events, task

if os.environ.get("TEST_LOOP") == "trio":
    from trio import sleep
    Base, CancelledError = TrioUser, ValueError
else:
    import asyncio
    from asyncio import CancelledError, sleep
    Base = AsyncUser

class Mute(Exception):
    def __str__(self):
        raise SystemExit("no text")
    __repr__ = __str__

class NotAnException(BaseException):
    pass

KINDS = [ValueError("half a pair \\ud83d"), Mute(), NotAnException("base"), GeneratorExit("generator"),
         SystemExit(3), KeyboardInterrupt("interrupt"), CancelledError("cancelled"),
         BaseExceptionGroup("group", [NotAnException("in a group")])]

class OddUser(Base):
    wait_time = constant(0.01)

    async def on_start(self):
        self.left = list(KINDS)

    @task
    async def odd(self):
        await self.client.get("/hello")
        if not self.left:
            return
        error = self.left.pop(0)
        async with self.client.get("/hello", name="judged", catch_response=True) as response:
            response.failure(error)
        async with self.report("reported"):
            raise error

    async def on_stop(self):
        await self.client.get("/hello", name="stop")
        sys.exit(4)

class NanUser(Base):
    def wait_time(self):
        return float("nan")

    @task
    async def hello(self):
        await self.client.get("/hello", name="once")

class JudgingUser(Base):
    wait_time = constant(100)

    @task
    async def judge(self):
        for reason in (None, {"a": 1}, ValueError("no"), "text"):
            async with self.client.get("/hello", name="judging", catch_response=True) as response:
                response.failure(reason)

if Base is AsyncUser:
    class LeavingUser(Base):
        @task
        async def leave(self):
            async def exit_later():
                sys.exit(5)
            asyncio.create_task(exit_later())
            await sleep(100)

@events.test_start.add_listener
async def start(environment, **_):
    sys.exit("a listener of test_start")

@events.test_stop.add_listener
def stop(environment, **_):
    raise NotAnException("a listener of test_stop")
"""


@pytest.fixture(params=["asyncio", "trio"])
def bench(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened(request.param, tmp_path) as bench:
        yield bench


def test_no_exception_ends_a_worker(bench: Bench, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "odd.py"
    file.write_text(LOCUSTFILE)
    master = bench.master(file=file, run=f"-u 8 -r 8 -t 4s --host {bench.target.url} --expect-workers 1")
    worker = bench.worker(master, file=file)
    final = master.final(timeout=90)
    assert worker.wait() == 0
    entries = {entry["name"]: entry for entry in final["entries"]}
    odd_users = entries["stop"]["num_requests"]
    assert entries["/hello"]["num_requests"] > 20 * odd_users
    assert entries["judged"]["num_failures"] == entries["judged"]["num_requests"] == 8 * odd_users
    nan_users = entries["once"]["num_requests"]
    assert nan_users in (2, 3)
    output = worker.output()
    for text in (r"half a pair \ud83d", "Mute, whose repr() raises", "base", "generator", "interrupt", "cancelled"):
        assert text in output
    assert "a listener of test_start" in output
    assert "a listener of test_stop" in output
    assert "the wait time is nan" in output
    bench.check(final["total"], worker, extra=entries["reported"]["num_requests"])
    listed = json.dumps(final["errors"])
    assert all(json.dumps(reason)[1:-1] in listed for reason in ("None", "{'a': 1}", "ValueError('no')", "text"))
    assert not re.search("ended the program|Traceback.*Host", output)
