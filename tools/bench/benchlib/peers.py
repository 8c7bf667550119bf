"""The load generators that are compared, by name: each a command line for the same work."""

import os
import pathlib
import shutil
import subprocess
import sys

from benchlib.locustfiles import CPP_USER, HOSTED_USER, HTTPX_USER, PYTHON_USER
from benchlib.machine import KATYDID, ROOT, locust

KATYDIDS = {
    "katydid-fast": ("FastHttpUser", []),
    "katydid-fast-pinned": ("FastHttpUser", ["--pin"]),
    "katydid-fast-epoll": ("FastHttpUser", ["--event-loop", "epoll"]),
    "katydid": ("HttpUser", []),
    "katydid-other-libcurl": ("HttpUser", []),
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
# Users of asyncio and Trio, with the engine's client, with HTTPX over the engine, and with HTTPX alone.
HOSTED = {
    "asyncio": (HOSTED_USER, "AsyncUser"),
    "trio": (HOSTED_USER, "TrioUser"),
    "asyncio-bridge": (HTTPX_USER, "AsyncUser"),
    "trio-bridge": (HTTPX_USER, "TrioUser"),
    "asyncio-httpx": (HTTPX_USER, "AsyncUser"),
    "trio-httpx": (HTTPX_USER, "TrioUser"),
}
BOOMERS = {"boomer-fast": ["-fast"], "boomer": []}
PLAIN = ["wrk", "h2load"]
ALL = [*KATYDIDS, *PLAIN, *PYTHONS, *GEVENTS, *HOSTED, *BOOMERS]


class Peers:
    def __init__(self, directory, names, tls=False):
        self._directory = directory
        self._users = {"HttpUser": ROOT / "examples/hello.cpp", "FastHttpUser": ROOT / "examples/hello_fast.cpp"}
        for base in PYTHONS:
            (directory / f"{base}.py").write_text(PYTHON_USER.format(base=base))
            if tls:  # a certificate of its own
                self._users[base] = directory / f"{base}.cpp"
                self._users[base].write_text(CPP_USER.format(base=base))
        for name, (text, base) in HOSTED.items():
            (directory / f"{name}_users.py").write_text(text.format(base=base, bridge=name.endswith("bridge")))
        for base in {KATYDIDS[name][0] for name in names if name in KATYDIDS}:
            # Compiling is no part of what a request costs.
            subprocess.run([KATYDID, "-f", self._users[base], "--list"], check=True, capture_output=True)
        if "katydid-other-libcurl" in names:
            self._check_libcurl()
        if any(name in BOOMERS for name in names):
            self._build_boomer()
        self.master_file = directory / "master.py"
        self.master_file.write_text(
            subprocess.run([KATYDID, "-f", self._users["HttpUser"], "--master-locustfile"], check=True,
                           capture_output=True, text=True).stdout
        )  # fmt: skip

    @staticmethod
    def _check_libcurl():
        folder = pathlib.Path(os.environ.get("KATYDID_LIBCURL", "-"))
        if not (folder / "libcurl.so.4").exists():
            sys.exit("compare: katydid-other-libcurl needs KATYDID_LIBCURL set to the folder of a libcurl.so.4")

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
            libraries = {"LD_LIBRARY_PATH": os.environ["KATYDID_LIBCURL"]} if peer == "katydid-other-libcurl" else {}
            return [KATYDID, "-f", self._users[base], "--processes", shards, *options, *worker], libraries
        if peer in PYTHONS:
            return [locust(), "-f", self._directory / f"{peer}.py", *worker], {}
        if peer in GEVENTS or peer in HOSTED:
            file, listens = GEVENTS.get(peer, (f"{peer}_users", ""))
            command = [ROOT / ".venv/python/bin/python", "-m", "katydid", "-f", self._directory / f"{file}.py", *worker]
            return command, {"PYTHONPATH": str(ROOT / "build/release/python"), "LISTEN": listens}
        if peer in BOOMERS:
            command = [self._directory / "boomer", "--master-host", "127.0.0.1", "--master-port", master_port]
            return [*command, *BOOMERS[peer]], {"TARGET_URL": f"{host}/hello", "GOMAXPROCS": str(shards)}
        if peer == "wrk":
            return ["wrk", f"-t{shards}", f"-c{users}", f"-d{seconds}", f"{host}/hello"], {}
        return ["h2load", "--h1", f"-t{shards}", f"-c{users}", f"-D{seconds}", f"{host}/hello"], {}
