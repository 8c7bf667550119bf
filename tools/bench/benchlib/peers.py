"""The load generators that are compared, by name: each a command line for the same work."""

import json
import os
import pathlib
import shutil
import subprocess
import sys

from benchlib.locustfiles import CPP_USER, HOSTED_USER, HTTPX_USER, PYTHON_USER
from benchlib.machine import KATYDID, ROOT, locust
from benchlib.mixes import MIXES, TEXT

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
INSTALLED = ["wrk", "h2load", "curl"]  # by tools/setup --bench
PLAIN = [*INSTALLED, "ghz"]
ALL = [*KATYDIDS, *PLAIN, *PYTHONS, *GEVENTS, *HOSTED, *BOOMERS]
# By mixes that not all of them can do.
ABLE = {
    "uploads": [*KATYDIDS, *PYTHONS, *GEVENTS, "asyncio", "trio", "curl"],
    "events": [*KATYDIDS, *PYTHONS, *GEVENTS, "asyncio", "trio"],
    "websocket": ["katydid-fast", "katydid-fast-epoll", "wrk", "gevent-http", "HttpUser", "asyncio", "trio"],
    "http2": [*KATYDIDS, "h2load", "asyncio", "trio"],
    "http2-streams": [*KATYDIDS, "h2load"],
    "grpc": ["katydid-fast", "katydid-fast-epoll", "h2load", "asyncio", "trio", "ghz"],
}
HELLO_ALONE = [*PLAIN, *BOOMERS, *(name for name, (text, _) in HOSTED.items() if text == HTTPX_USER)]


def ghz():
    """The program that KATYDID_GHZ names, or the one on the PATH."""
    return os.environ.get("KATYDID_GHZ") or shutil.which("ghz")


def able(mix):
    """Who can do it."""
    return ABLE.get(mix) or [peer for peer in ALL if peer not in ("curl", "ghz") and (mix == "hello" or peer not in HELLO_ALONE)]


class Peers:
    def __init__(self, directory, names, tls=False, mix="hello"):
        self._directory, self.mix = directory, MIXES[mix]
        if self.mix.folder:
            self._take_locustfiles()
        else:
            self._write_locustfiles(own_cpp=tls or mix != "hello")
        for base in {KATYDIDS[name][0] for name in names if name in KATYDIDS}:
            # Compiling is no part of what a request costs.
            self._katydid(base, "--list")
        if "katydid-other-libcurl" in names:
            self._check_libcurl()
        if any(name in BOOMERS for name in names):
            self._build_boomer()
        self.master_file = directory / "master.py"
        self.master_file.write_text(self._katydid("HttpUser", "--master-locustfile"))

    def _take_locustfiles(self):
        self._users = dict.fromkeys(PYTHONS, self.mix.folder / "users.cpp")
        self._scripts = dict.fromkeys(PYTHONS, self.mix.folder / "locustfile.py")
        self._scripts |= dict.fromkeys(("asyncio", "trio"), self.mix.folder / "coroutine_users.py")

    def _write_locustfiles(self, own_cpp):
        """`own_cpp` where the examples are not what is asked for: they don't pass over a certificate, and say hello."""
        self._users = {"HttpUser": ROOT / "examples/hello.cpp", "FastHttpUser": ROOT / "examples/hello_fast.cpp"}
        self._scripts = {}
        for base in PYTHONS:
            self._scripts[base] = self._write(f"{base}.py", PYTHON_USER, base=base, call=self.mix.python)
            if own_cpp:
                version = "client.options().http_version = HttpVersion::http2;" if self.mix.version == "2" else ""
                self._users[base] = self._write(f"{base}.cpp", CPP_USER, base=base, call=self.mix.cpp, version=version)
        for name, (text, base) in HOSTED.items():
            bridge = name.endswith("bridge")
            values = {"bridge": bridge, "call": self.mix.python, "version": self.mix.version or "1.1"}
            self._scripts[name] = self._write(f"{name}_users.py", text, base=base, **values)

    def _write(self, name, text, **values):
        file = self._directory / name
        file.write_text(text.format(**values))
        return file

    def _katydid(self, base, option):
        command = [KATYDID, "-f", self._users[base], option]
        environment = {**os.environ, **self._choice(base)}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout

    @staticmethod
    def _choice(base):
        """What has the locustfiles of a folder take this base class; the others have theirs."""
        base = HOSTED.get(base, (None, base))[1]
        return {"BASE": base, "KATYDID_CXXFLAGS": f"-DBASE={base}"}

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
            command = [KATYDID, "-f", self._users[base], "--processes", shards, *options, *worker]
            return command, {**libraries, **self._choice(base)}
        if peer in PYTHONS:
            return [locust(), "-f", self._scripts[peer], *worker], self._choice(peer)
        if peer in GEVENTS or peer in HOSTED:
            script, listens = GEVENTS.get(peer, (peer, ""))
            command = [ROOT / ".venv/python/bin/python", "-m", "katydid", "-f", self._scripts[script], *worker]
            return command, {"PYTHONPATH": str(ROOT / "build/release/python"), "LISTEN": listens, **self._choice(script)}
        if peer in BOOMERS:
            command = [self._directory / "boomer", "--master-host", "127.0.0.1", "--master-port", master_port]
            return [*command, *BOOMERS[peer]], {"TARGET_URL": f"{host}/hello", "GOMAXPROCS": str(shards)}
        if peer == "wrk":
            return ["wrk", f"-t{shards}", f"-c{users}", f"-d{seconds}", f"{host}/hello"], {}
        if peer == "curl":  # it would go on for ever; the memory in the table is that of what ends it
            options = ["--silent", "--parallel", "--parallel-max", users, "--upload-file", self._directory / "answer"]
            urls = f"{host}/upload?[1-100000000]"
            return ["timeout", "--signal", "INT", seconds, "curl", *options, "--output", "/dev/null", urls], {}
        if peer == "ghz":
            options = ["--insecure", "--proto", self.mix.folder / "echo.proto", "--call", "echo.Echo/Say"]
            options += ["--data", json.dumps({"text": TEXT}), "--concurrency", users, "--connections", users]
            return [ghz(), *options, "--duration", f"{seconds}s", host.removeprefix("http://")], {"GOMAXPROCS": str(shards)}
        path, *options = self.mix.h2load
        options = [each.format(directory=self._directory) for each in options] if self.mix.http2 else ["--h1"]
        return ["h2load", *options, f"-t{shards}", f"-c{users}", f"-D{seconds}", f"{host}{path}"], {}
