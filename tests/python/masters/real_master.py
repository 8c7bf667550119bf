"""A real Locust master and workers, as processes."""

from __future__ import annotations

import csv
import os
import pathlib
import sys
import urllib.error
import urllib.parse
import urllib.request
from types import TracebackType

from harness.process import Process
from harness.wait import eventually
from ports import free_port

LOCUSTFILES = pathlib.Path(__file__).resolve().parent / "locustfiles"
KATYDID = [sys.executable, "-m", "katydid.gevent"]
PROGRAM = os.environ.get("KATYDID_PROGRAM", str(LOCUSTFILES.parents[3] / "build" / "release" / "katydid"))
"""The worker in C++."""
LOCUST = [sys.executable, "-m", "locust"]
PACKAGE = [sys.executable, "-m", "katydid"]


def modes(plain: str, coroutines: str, cpp: str) -> dict[str, tuple[str, str, str, list[str]]]:
    """Of each mode its locustfile, the base of its users, their class, and the command that runs it."""
    return {
        "gevent-HttpUser": (plain, "HttpUser", "Kinds", KATYDID),
        "gevent-FastHttpUser": (plain, "FastHttpUser", "Kinds", KATYDID),
        "asyncio": (coroutines, "AsyncUser", "Kinds", PACKAGE),
        "trio": (coroutines, "TrioUser", "Kinds", PACKAGE),
        "cpp-HttpUser": (cpp, "", "HttpKinds", [PROGRAM]),
        "cpp-FastHttpUser": (cpp, "", "FastKinds", [PROGRAM]),
    }


class Processes:
    """Everything that a test starts; ends with it."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.web_port = free_port()
        self.started: list[Process] = []

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for process in self.started:
            process.kill()
            print(f"--- {process.name}:\n{process.output()[-3000:]}")  # for a test that fails

    def start(self, command: list[str], name: str) -> Process:
        process = Process(name, command, self.folder, cwd=pathlib.Path.cwd())
        self.started.append(process)
        return process

    def master(self, locustfile: str, host: str, *options: str) -> Process:
        command = [*LOCUST, "-f", str(LOCUSTFILES / locustfile), "--master", "--host", host]
        command += ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(self.port)]
        command += ["--csv", str(self.folder / "run"), *options]
        return self.start(command, "master")

    def worker(self, locustfile: str, name: str = "worker", command: list[str] = KATYDID, *options: str) -> Process:
        file = locustfile if locustfile == "-" else str(LOCUSTFILES / locustfile)
        as_worker = ["--worker"] if command is LOCUST else []
        return self.start([*command, "-f", file, "--master-port", str(self.port), *as_worker, *options], name)

    def text(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def totals(self) -> dict[str, int]:
        """Requests by "METHOD name", and all of them as "Aggregated"."""
        with (self.folder / "run_stats.csv").open() as file:
            return {f"{row['Type']} {row['Name']}".strip(): int(row["Request Count"]) for row in csv.DictReader(file)}

    def failures(self) -> dict[str, int]:
        with (self.folder / "run_failures.csv").open() as file:
            return {
                f"{row['Method']} {row['Name']}: {row['Error']}": int(row["Occurrences"])
                for row in csv.DictReader(file)
            }

    def web(self, path: str, **form: object) -> bytes:
        """Asks the master's web interface; with a form by POST."""
        data = urllib.parse.urlencode(form).encode() if form else None
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}{path}", data, timeout=10) as answer:
            body: bytes = answer.read()
            return body

    def stop_test(self) -> None:
        """Older masters have it as a GET, newer ones as a POST."""
        try:
            self.web("/stop", now=1)
        except urllib.error.HTTPError:
            self.web("/stop")

    def wait_until(self, name: str, words: str, seconds: float = 30) -> None:
        eventually(lambda: words in self.text(name), f"{name} prints {words!r}", seconds)


def ended(process: Process, seconds: float = 30) -> int:
    code: int = process.wait(seconds)
    return code
