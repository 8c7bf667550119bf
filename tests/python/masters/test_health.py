"""`katydid --health`, for workers of every kind under a real master."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest
from harness.process import Process
from harness.target import Target
from harness.wait import eventually
from real_master import KATYDID, LOCUSTFILES, PROGRAM, Processes, ended

PACKAGE = [sys.executable, "-m", "katydid"]
KINDS = {
    "cpp": ("hanging.cpp", "", [PROGRAM]),
    "asyncio": ("hanging_coroutines.py", "AsyncUser", PACKAGE),
    "trio": ("hanging_coroutines.py", "TrioUser", PACKAGE),
    "gevent": ("hanging_gevent.py", "", KATYDID),
}
WELL, ILL = 0, 1


def health_of(*workers: Process, command: list[str] | None = None) -> tuple[int, str]:
    """What it says of these alone: other tests have workers, too."""
    ids = [str(worker.pid) for worker in workers]
    done = subprocess.run([*(command or [PROGRAM]), "--health", *ids], capture_output=True, text=True, timeout=30)
    assert (done.stdout == "") == (done.returncode != 0)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path) -> str:
    name = str(request.param)
    monkeypatch.setenv("HANGING_BASE", KINDS[name][1])
    monkeypatch.setenv("HANGS", str(tmp_path / "hangs"))
    return name


def start(processes: Processes, kind: str, *options: str) -> Process:
    return processes.worker(KINDS[kind][0], "worker", KINDS[kind][2], *options)


def run_test(processes: Processes, target: Target) -> Process:
    options = ["--headless", "--users", "2", "--spawn-rate", "10", "--expect-workers", "1"]
    return processes.master("hanging_gevent.py", target.url, *options)


def test_a_worker_says_how_it_is(kind: str, processes: Processes, target: Target, tmp_path: pathlib.Path) -> None:
    hangs = tmp_path / "hangs"
    worker = start(processes, kind)

    def says(code: int, words: str) -> bool:
        found, text = health_of(worker)
        return (
            found == code and f"process {worker.pid} is {'well' if code == WELL else 'ill'}: " in text and words in text
        )

    place = f"127.0.0.1:{processes.port}"
    eventually(lambda: says(WELL, f"no master at {place} answers"), "it waits for a master", 90)
    master = run_test(processes, target)
    eventually(lambda: says(WELL, f"running, master {place}"), "it runs", 60)

    hangs.touch()
    time.sleep(0.5)
    blocked = "it does not answer" if kind == "gevent" else "event loops did not turn for 3 s: a task blocks them"
    assert says(ILL, blocked)
    hangs.unlink()
    eventually(lambda: says(WELL, f"running, master {place}"), "its loop turns again", 20)

    worker.signal(signal.SIGSTOP)
    assert says(ILL, "it does not answer")
    worker.signal(signal.SIGCONT)
    eventually(lambda: says(WELL, "master"), "it goes on", 20)

    master.kill()
    eventually(lambda: says(WELL, f"no master at {place} answers"), "the master is gone", 30)
    worker.kill()
    ended(worker)
    code, text = health_of(worker)
    assert (code, text) == (ILL, f"katydid: there is no worker here, or none with the process id {worker.pid}\n")


@pytest.mark.parametrize("kind", ["cpp", "gevent", "asyncio"], indirect=True)
def test_several_workers_of_one_command(kind: str, processes: Processes, target: Target) -> None:
    """One of two stands still: the command is ill, and it says which."""
    worker = start(processes, kind, "--workers" if kind == "cpp" else "--processes", "2")
    master = processes.master("hanging_gevent.py", target.url, "--headless", "-u", "2", "--expect-workers", "2")
    eventually(lambda: health_of(worker)[1].count("is well: running, master") == 2, "both run", 90)
    listed = subprocess.run(["ps", "--ppid", str(worker.pid), "-o", "pid="], capture_output=True, text=True, check=True)
    first, second, *_ = [int(each) for each in listed.stdout.split()]
    os.kill(first, signal.SIGSTOP)
    try:
        code, text = health_of(worker)
        assert code == ILL
        assert f"process {first} is ill: it does not answer" in text
        assert f"process {second} is well" in text
    finally:
        os.kill(first, signal.SIGCONT)
    master.signal(signal.SIGTERM)
    ended(master)


@pytest.mark.parametrize("command", [[PROGRAM], PACKAGE, [*PACKAGE, "-f", "plain.py"]], ids=["cpp", "package", "file"])
def test_where_there_is_none(command: list[str], processes: Processes) -> None:
    bystander = processes.start([sys.executable, "-c", "import time; time.sleep(60)"], "bystander")
    code, text = health_of(bystander, command=command)
    assert (code, text) == (ILL, f"katydid: there is no worker here, or none with the process id {bystander.pid}\n")
    wrong = subprocess.run([*command, "--health", "all"], capture_output=True, text=True, timeout=30)
    assert wrong.returncode == 2
    assert "argument --health: invalid value 'all'" in wrong.stderr


def test_a_variable_that_names_a_python_file_is_no_detour(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in an image whose LOCUST_LOCUSTFILE is one, and which has no Python."""
    monkeypatch.setenv("LOCUST_LOCUSTFILE", "users.py")
    monkeypatch.setenv("PATH", "/nowhere")
    bystander = processes.start([sys.executable, "-c", "import time; time.sleep(60)"], "bystander")
    assert health_of(bystander)[0] == ILL


def test_it_is_well_before_it_has_a_locustfile(processes: Processes) -> None:
    worker = processes.worker("-", "worker", [PROGRAM])
    words = f"process {worker.pid} is well: waits for the locustfile of the master at 127.0.0.1:{processes.port}"
    eventually(lambda: words in health_of(worker)[1], "it waits", 20)


def test_a_test_without_a_master(processes: Processes, target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """As of an image whose HEALTHCHECK does not know what it was started for."""
    monkeypatch.setenv("HANGS", "/nowhere")
    file = str(LOCUSTFILES / "hanging.cpp")
    run = processes.start([PROGRAM, "-f", file, "--headless", "--only-summary", "-H", target.url], "run")
    eventually(lambda: "is well: runs a test without a master" in health_of(run)[1], "it runs", 90)
