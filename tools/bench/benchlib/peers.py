"""The load generators that are compared, by name: each a command line for the same work."""

import os
import pathlib
import shutil
import subprocess
import sys

from benchlib.machine import KATYDID, ROOT, locust

KATYDIDS = {
    "katydid-fast": ("FastHttpUser", []),
    "katydid-fast-pinned": ("FastHttpUser", ["--pin"]),
    "katydid-fast-epoll": ("FastHttpUser", ["--event-loop", "epoll"]),
    "katydid": ("HttpUser", []),
    "katydid-asio": ("HttpUser", ["--event-loop", "asio"]),
}
PYTHONS = ["HttpUser", "FastHttpUser"]
# Locust's own locustfile by Katydid's gevent mode; with "events" it has a listener of the request event.
GEVENTS = {
    "gevent-http": ("HttpUser", ""),
    "gevent-fast": ("FastHttpUser", ""),
    "gevent-http-events": ("HttpUser", "1"),
    "gevent-fast-events": ("FastHttpUser", "1"),
}
BOOMERS = {"boomer-fast": ["-fast"], "boomer": []}
PLAIN = ["wrk", "h2load"]
ALL = [*KATYDIDS, *PLAIN, *PYTHONS, *GEVENTS, *BOOMERS]

CPP_USER = """#include <katydid/katydid.hpp>
using namespace katydid;
struct HelloUser : {base} {{
  task<> on_start() override {{
    client.options().verify = false;
    co_return;
  }}
  task<> hello() {{ co_await client.get("/hello"); }}
}};
KATYDID_USER(HelloUser).task<&HelloUser::hello>();
"""
PYTHON_USER = """
import os

import urllib3
from locust import FastHttpUser, HttpUser, constant, events, task

urllib3.disable_warnings()

if os.environ.get("LISTEN"):

    @events.request.add_listener
    def on_request(request_type, name, response_time, response_length, response, context, exception, **kwargs):
        pass


class HelloUser({base}):
    wait_time = constant(0)

    def on_start(self):
        self.client.verify = False

    @task
    def hello(self):
        self.client.get("/hello")
"""


class Peers:
    def __init__(self, directory, names, tls=False):
        self._directory = directory
        self._users = {"HttpUser": ROOT / "examples/hello.cpp", "FastHttpUser": ROOT / "examples/hello_fast.cpp"}
        for base in PYTHONS:
            (directory / f"{base}.py").write_text(PYTHON_USER.format(base=base))
            if tls:  # a certificate of its own
                self._users[base] = directory / f"{base}.cpp"
                self._users[base].write_text(CPP_USER.format(base=base))
        for base in {KATYDIDS[name][0] for name in names if name in KATYDIDS}:
            # Compiling is no part of what a request costs.
            subprocess.run([KATYDID, "-f", self._users[base], "--list"], check=True, capture_output=True)
        if any(name in BOOMERS for name in names):
            self._build_boomer()
        self.master_file = directory / "master.py"
        self.master_file.write_text(
            subprocess.run([KATYDID, "-f", self._users["HttpUser"], "--master-locustfile"], check=True,
                           capture_output=True, text=True).stdout
        )  # fmt: skip

    def _build_boomer(self):
        clone = os.environ.get("KATYDID_BOOMER")
        go = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
        if not clone or not go:
            sys.exit("compare: boomer needs Go, and KATYDID_BOOMER set to a clone of github.com/myzhan/boomer")
        build = self._directory / "boomer-build"
        shutil.copytree(ROOT / "tools/bench/boomer", build)
        for command in [
            ["mod", "edit", "-replace", f"github.com/myzhan/boomer={pathlib.Path(clone).resolve()}"],
            ["mod", "tidy"],
            ["build", "-o", self._directory / "boomer", "."],
        ]:
            run = subprocess.run([go, *command], cwd=build, capture_output=True, text=True)
            if run.returncode:
                sys.exit(f"compare: boomer could not be built:\n{run.stderr}")

    @staticmethod
    def needs_master(peer):
        return peer not in PLAIN

    def command(self, peer, host, users, seconds, master_port, shards=1):
        """The command line, and what its environment has more than ours."""
        worker = ["--worker", "--master-port", master_port]
        if peer in KATYDIDS:
            base, options = KATYDIDS[peer]
            return [KATYDID, "-f", self._users[base], "--processes", shards, *options, *worker], {}
        if peer in PYTHONS:
            return [locust(), "-f", self._directory / f"{peer}.py", *worker], {}
        if peer in GEVENTS:
            base, listens = GEVENTS[peer]
            command = [ROOT / ".venv/python/bin/python", "-m", "katydid", "-f", self._directory / f"{base}.py", *worker]
            return command, {"PYTHONPATH": str(ROOT / "build/release/python"), "LISTEN": listens}
        if peer in BOOMERS:
            command = [self._directory / "boomer", "--master-host", "127.0.0.1", "--master-port", master_port]
            return [*command, *BOOMERS[peer]], {"TARGET_URL": f"{host}/hello", "GOMAXPROCS": str(shards)}
        if peer == "wrk":
            return ["wrk", f"-t{shards}", f"-c{users}", f"-d{seconds}", f"{host}/hello"], {}
        return ["h2load", "--h1", f"-t{shards}", f"-c{users}", f"-D{seconds}", f"{host}/hello"], {}
