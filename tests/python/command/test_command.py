"""The command `katydid`: who runs which locustfile, and what it says when nobody can."""

from __future__ import annotations

import os
import pathlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from katydid.command.locustfile import LocustfileError, kind_of, load

from ..bench import PYTHONPATH, Bench, eventually, opened
from ..conftest import ROOT, TARGET
from ..test_worker import EVENTS

COROUTINES = (
    "from katydid import AsyncUser, task\nclass A(AsyncUser):\n    @task\n    async def a(self):\n        pass\n"
)
needs_locust = pytest.mark.skipif(find_spec("locust") is None, reason="no Locust here")
LOCUST = "from locust import User, task\nclass L(User):\n    @task\n    def a(self):\n        pass\n"


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("asyncio", tmp_path) as bench:
        yield bench


def katydid(
    *arguments: object, folder: pathlib.Path, program: tuple[str, ...] = (), module: str = "katydid"
) -> tuple[int, str]:
    command = [*(program or (sys.executable, "-m", module)), *map(str, arguments)]
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PYTHONPATH": PYTHONPATH, "PATH": path, "XDG_CACHE_HOME": str(ROOT / "build")}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout + done.stderr


def write(folder: pathlib.Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_a_file_shows_who_runs_it_by_what_it_imports(tmp_path: pathlib.Path) -> None:
    write(tmp_path, "common.py", "from locust import constant\n")
    cases = {
        "locust.py": (LOCUST, "gevent"),
        "coroutines.py": (COROUTINES, "coroutines"),
        "nothing.py": ("x = 1\n", "gevent"),
        "beside.py": ("import common\n", "gevent"),
        "bridge.py": (LOCUST + "import katydid.httpx\nfrom katydid.httpx import Transport\n", "gevent"),
        "bridge2.py": (LOCUST + "from katydid import httpx\n", "gevent"),
    }
    for name, (text, kind) in cases.items():
        assert kind_of([write(tmp_path, name, text)]) == kind, name
    with pytest.raises(LocustfileError, match=r"mixed\.py imports locust and .*mixed\.py imports katydid's users"):
        kind_of([write(tmp_path, "mixed.py", LOCUST + COROUTINES)])
    with pytest.raises(LocustfileError, match=r"common\.py imports locust"):
        kind_of([write(tmp_path, "mixed2.py", COROUTINES + "import common\n")])
    with pytest.raises(LocustfileError, match=r"broken\.py, line 1"):
        kind_of([write(tmp_path, "broken.py", "def (:\n")])
    with pytest.raises(LocustfileError, match="no file"):
        kind_of([str(tmp_path / "missing.py")])


def test_user_classes_are_those_that_are_not_abstract(tmp_path: pathlib.Path) -> None:
    file = write(
        tmp_path, "base_file.py", COROUTINES + "class B(A):\n    abstract = True\nclass C(B):\n    weight = 2\n"
    )
    classes = load([file])
    assert [(each.__name__, each.weight, len(each.tasks)) for each in classes] == [("A", 1, 1), ("C", 2, 1)]
    other = write(tmp_path, "other_file.py", COROUTINES)
    with pytest.raises(LocustfileError, match="two user classes named A"):
        load([file, other])


@pytest.mark.parametrize(
    ("text", "arguments", "words"),
    [
        (COROUTINES + LOCUST, [], "can't run in one process"),
        (COROUTINES, ["--wroker"], "--wroker"),
        (COROUTINES, ["NobodyUser"], "NobodyUser"),
        (COROUTINES, ["--busy-poll"], "--busy-poll is for users in C\\+\\+"),
        pytest.param(LOCUST, ["--busy-poll"], "--busy-poll", marks=needs_locust),
        (
            COROUTINES + "from katydid import TrioUser\nclass T(TrioUser):\n    tasks = [A.a]\n",
            [],
            r"A \(asyncio\), T \(trio\)",
        ),
        ("import katydid\n", [], "No User class found"),
        (COROUTINES, ["--run-single-user", "NobodyUser"], "Unknown User"),
        pytest.param(LOCUST, ["--run-single-user", "NobodyUser"], "Unknown User", marks=needs_locust),
        (COROUTINES + "class N(AsyncUser):\n    pass\n", [], "No tasks defined on N"),
        (COROUTINES + "import nosuchmodule\n", [], r"users.py cannot be loaded: No module named 'nosuchmodule'"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: pathlib.Path, text: str, arguments: list[str], words: str) -> None:
    code, output = katydid(
        "-f", write(tmp_path, "users.py", text), *(arguments or ["--headless", "-t", "1s"]), folder=tmp_path
    )
    assert code not in (0, 139)
    assert re.search(words, output)
    assert "Traceback" not in output


def test_each_half_starts_the_other(tmp_path: pathlib.Path) -> None:
    users = write(tmp_path, "users.py", COROUTINES)
    code, output = katydid("-f", users, "--list", folder=tmp_path, program=(str(TARGET.parent / "katydid"),))
    assert (code, "    A\n" in output) == (0, True), output
    code, output = katydid("-f", ROOT / "examples" / "hello.cpp", "--list", folder=tmp_path)
    assert (code, "    HelloUser\n" in output) == (0, True), output


def test_a_folder_of_python_files(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "users"
    (folder / "more").mkdir(parents=True)
    write(folder, "one.py", COROUTINES)
    write(folder / "more", "two.py", COROUTINES.replace("class A", "class B"))
    write(folder, "__init__.py", "no Python at all\n")
    code, output = katydid("-f", folder, "--list", folder=tmp_path)
    assert (code, "    A\n" in output, "    B\n" in output) == (0, True, True), output
    write(folder, "three.cpp", "no C++\n")
    _, output = katydid("-f", folder, "--compile-to", "three.so", folder=tmp_path)
    assert "three.cpp" in output
    assert "Python" not in output


@needs_locust
def test_a_folder_of_locusts_files(tmp_path: pathlib.Path) -> None:
    write(tmp_path, "one.py", LOCUST)
    write(tmp_path, "two.py", LOCUST.replace("class L", "class M"))
    code, output = katydid("-f", tmp_path, "--list", folder=tmp_path)
    assert (code, "    L\n" in output, "    M\n" in output) == (0, True, True), output


@pytest.mark.parametrize("said", ["option", "file"])
def test_several_processes(bench: Bench, tmp_path: pathlib.Path, said: str) -> None:
    master = bench.master("EagerUser")
    file = write(tmp_path, "two.conf", "processes = 2\n")
    parent = bench.worker(master, *(("--processes", 2) if said == "option" else ("--config", file)))
    master.wait_for_workers(2)
    master.swarm(20, rate=20, host=bench.target.url)
    master.wait_for_users(20)
    time.sleep(1)
    parent.signal(signal.SIGTERM)
    assert parent.wait() == 0
    eventually(lambda: master.output().count("quit.") >= 2, "the master hears that both workers quit")
    bench.check(master.now()["total"], parent, 2 * EVENTS)


def test_workers_of_all_kinds_under_one_master(bench: Bench, tmp_path: pathlib.Path) -> None:
    """In C++, plain Locust, Locust on the engine, asyncio and Trio."""
    base = (
        "class EveryUser(Base):\n    wait_time = constant(0.05)\n"
        "    @task\n    {}def hello(self):\n        {}self.client.get('/hello')\n"
    )
    coroutine = base.format("async ", "await ")
    asyncio = write(tmp_path, "on_asyncio.py", f"from katydid import AsyncUser as Base, constant, task\n{coroutine}")
    trio = write(tmp_path, "on_trio.py", f"from katydid import TrioUser as Base, constant, task\n{coroutine}")
    locust = write(
        tmp_path, "on_locust.py", "from locust import FastHttpUser as Base, constant, task\n" + base.format("", "")
    )
    cpp = write(
        tmp_path,
        "on_cpp.cpp",
        "#include <katydid/katydid.hpp>\nusing namespace katydid;\nusing namespace std::chrono_literals;\n"
        'struct EveryUser : FastHttpUser { task<> hello() { co_await client.get("/hello"); } };\n'
        "KATYDID_USER(EveryUser).wait_time(constant(50ms)).task<&EveryUser::hello>();\n",
    )
    master = bench.lab.master(pathlib.Path(locust))
    port = ("--worker", "--master-host", "127.0.0.1", "--master-port", master.port)
    workers = [bench.run("worker", *port, file=pathlib.Path(file)) for file in (asyncio, trio, locust, cpp)]
    workers.append(bench.lab.run("worker", [bench.lab.locust, "-f", locust, *port]))
    master.wait_for_workers(5)
    master.swarm(25, rate=25, host=bench.target.url)
    master.wait_for_users(25)
    master.wait_for_requests(300)
    master.stop()
    master.wait_for_workers(5)
    time.sleep(3.5)
    total = master.now()["total"]
    assert total["num_failures"] == 0
    served = bench.target.completed
    assert served - 5 <= total["num_requests"] <= served, "Locust's own worker may lose what it was killed in"
    assert all(worker.alive for worker in workers)


@pytest.mark.parametrize("base", ["AsyncUser", "TrioUser"])
def test_each_request_is_a_line_at_level_debug(bench: Bench, tmp_path: pathlib.Path, base: str) -> None:
    task = '        await self.client.get("/hello")\n        self.record("MQTT", "publish", None, 7, "no\\nbroker")\n'
    text = COROUTINES.replace("        pass\n", task).replace("AsyncUser", base)
    text = text.replace("import ", "import constant, ").replace("    @task", "    wait_time = constant(0.2)\n    @task")
    file = write(tmp_path, "debugged.py", text)
    options = ("-f", file, "--headless", "-t", "1s", "-s", "5", "-H", bench.target.url)
    _, output = katydid(*options, "-L", "DEBUG", folder=tmp_path)
    lines = re.findall(
        r"/DEBUG/katydid\.request: GET http://127\.0\.0\.1:\d+/hello: 200, 54 bytes, [\d.]+ ms\n", output
    )
    assert len(lines) == bench.target.completed_of("/hello") > 2
    assert "/DEBUG/katydid.request: MQTT publish: 7 bytes, no\nbroker\n" in output
    _, output = katydid(*options, folder=tmp_path)
    assert "/DEBUG/" not in output


@needs_locust
@pytest.mark.parametrize("base", ["HttpUser", "FastHttpUser"])
def test_each_request_of_locusts_users_is_a_line_at_level_debug(
    bench: Bench, tmp_path: pathlib.Path, base: str
) -> None:
    task = (
        "        self.client.get('/hello')\n        self.environment.events.request.fire(request_type='MQTT', "
        "name='publish', response_time=None, response_length=7, exception=OSError('no broker'))\n"
    )
    text = (
        LOCUST.replace("        pass\n", task)
        .replace("User", base)
        .replace("    @task", "    wait_time = wait\n    @task")
    )
    file = write(tmp_path, "debugged.py", f"from locust import constant\nwait = constant(0.2)\n{text}")
    host = bench.target.url.replace("://", "://ann:secret@")
    options = ("-f", file, "--headless", "-t", "1s", "-s", "5", "-H", host)
    _, output = katydid(*options, "-L", "DEBUG", folder=tmp_path)
    lines = re.findall(
        r"/DEBUG/katydid\.request: GET http://127\.0\.0\.1:\d+/hello: 200, 54 bytes, [\d.]+ ms\n", output
    )
    assert len(lines) == bench.target.completed_of("/hello") > 2
    assert "/DEBUG/katydid.request: MQTT publish: 7 bytes, no broker\n" in output
    assert "secret" not in output
    _, output = katydid(*options, folder=tmp_path)
    assert "katydid.request" not in output


def test_a_locustfile_logs_lines_as_katydid_does(tmp_path: pathlib.Path, target: str) -> None:
    lines = (
        "import logging\nlogger = logging.getLogger('shop')\n"
        "logger.info('of the locustfile')\nassert not logger.isEnabledFor(logging.DEBUG)\n"
    )
    file = write(tmp_path, "logs.py", lines + COROUTINES)
    code, output = katydid("-f", file, "--headless", "-t", "1s", "--host", target, folder=tmp_path)
    assert code == 0
    assert "/INFO/shop: of the locustfile\n" in output


MISTAKES = """
import asyncio
from katydid import AsyncUser, constant, events, task

class A(AsyncUser):
    wait_time = constant(0.02)

    @task
    def no_coroutine(self):
        pass

    @task
    async def not_awaited(self):
        self.client.get("/hello").status_code

    @task
    async def grouped(self):
        async with asyncio.TaskGroup() as group:
            group.create_task(self.failing())

    async def failing(self):
        raise KeyError("the cause")

    @task
    async def of_locust(self):
        events.request.fire(request_type="X", name="x", response_time=1, response_length=0)
        self.environment.runner.quit()

@events.quitting.add_listener
def quitting(environment, **_):
    assert not hasattr(environment, "stats")
"""


def test_mistakes_of_a_locustfile_are_said_in_its_own_words(tmp_path: pathlib.Path, target: str) -> None:
    file = write(tmp_path, "mistakes.py", MISTAKES)
    code, output = katydid("-f", file, "--headless", "-u", 4, "-r", 4, "-t", "2s", "--host", target, folder=tmp_path)
    assert code == 1
    assert "no_coroutine is not a coroutine: write `async def`" in output
    assert "await the request" in output
    assert "KeyError: 'the cause'" in output
    assert output.count("events.request.fire() counts nothing") == 1
    assert "environment.quit() ends the test" in output
    assert "Uncaught exception" not in output


def test_a_task_that_never_ends_does_not_keep_the_process(tmp_path: pathlib.Path, target: str) -> None:
    text = COROUTINES.replace(
        "pass\n",
        """
        while True:
            try:
                await self.client.get("/delay/50")
            except BaseException:
                pass
""",
    )
    code, output = katydid(
        "-f", write(tmp_path, "stubborn.py", text), "--headless", "-t", "1s", "--host", target, folder=tmp_path
    )
    assert code == 0
    assert "its task ignores its cancellation" in output
