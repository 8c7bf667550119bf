"""`--run-single-user`: a user of each kind, with all that it sends and receives."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

from .command.test_command import katydid, needs_locust, write

COROUTINE = """
from katydid import {base}, constant, task

class Shopper({base}):
    wait_time = constant(10)

    @task
    async def buy(self):
        await self.client.post("/echo", data="body of a request")
"""
LOCUST = """
from locust import {base}, constant, run_single_user, task

class Shopper({base}):
    wait_time = constant(10)

    @task
    def buy(self):
        self.client.post("/echo", data="body of a request")

class Other({base}):
    @task
    def other(self):
        raise AssertionError

if __name__ == "__main__":
    import threading, os
    threading.Timer(2, os._exit, (7,)).start()
    run_single_user(Shopper)
"""
FILES = {
    "AsyncUser": COROUTINE,
    "TrioUser": COROUTINE,
    "HttpUser": LOCUST,
    "FastHttpUser": LOCUST,
}


@pytest.mark.parametrize(
    "base", [pytest.param(base, marks=needs_locust if text is LOCUST else ()) for base, text in FILES.items()]
)
def test_prints_each_request_and_response(base: str, target: str, tmp_path: pathlib.Path) -> None:
    file = write(tmp_path, "users.py", FILES[base].format(base=base))
    code, output = katydid("-f", file, "--run-single-user", "Shopper", "--host", target, "-t", "2s", folder=tmp_path)
    assert code == 0, output
    lines = output.splitlines()
    assert lines.count("> POST /echo HTTP/1.1") == 1, output
    assert "> body of a request" in lines
    assert "< HTTP/1.1 200 OK" in lines
    assert any(line.startswith("< {") for line in lines), output
    assert "Traceback" not in output


@needs_locust
@pytest.mark.parametrize("base", ["HttpUser", "FastHttpUser"])
def test_locusts_own_function(base: str, target: str, tmp_path: pathlib.Path) -> None:
    """In a program of its own, and with Katydid's parts in it."""
    file = write(tmp_path, "users.py", LOCUST.format(base=base))
    start = f"import runpy, sys; sys.argv[1:] = ['--host', {target!r}]; "
    install = "import katydid.gevent; katydid.gevent.install(); "
    for before in ("import locust; ", install):
        program = f"{start}{before}runpy.run_path({file!r}, run_name='__main__')"
        done = subprocess.run(
            [sys.executable, "-u", "-c", program], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 7, done.stderr
        assert re.search(r"POST\s+/echo\s+\d+", done.stdout), done.stdout + done.stderr
