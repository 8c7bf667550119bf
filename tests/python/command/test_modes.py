"""Who decides what a locustfile of Locust's is run as: options, variables and files, and nobody."""

from __future__ import annotations

import pathlib
import re

import pytest

from .test_command import LOCUST, katydid, needs_locust, write

pytestmark = needs_locust
IMPATIENT = "from locust import runners\nrunners.CONNECT_TIMEOUT = 0.05\nrunners.CONNECT_RETRY_COUNT = 1\n" + LOCUST
"""Gives its master up at once."""
BOTH = pytest.mark.parametrize("module", ["katydid", "katydid.gevent"])
WAITING = (
    "INFO/katydid.gevent: Waiting for the master at 127.0.0.1:5557. To run without one, use --headless or --web-port"
)
ALONE = "locust.main: Run time limit set to 1 seconds"


@pytest.fixture(autouse=True)
def home(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    for name in ("LOCUST_HEADLESS", "LOCUST_PROCESSES", "LOCUST_LOCUSTFILE"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


def run(folder: pathlib.Path, *arguments: object, module: str = "katydid") -> tuple[int, str]:
    if not (folder / "locustfile.py").exists():
        write(folder, "locustfile.py", IMPATIENT.replace("        pass\n", "        self.wait()\n"))
    return katydid(*arguments, folder=folder, module=module)


@BOTH
@pytest.mark.parametrize("file", ["locust.conf", "home/.locust.conf", "pyproject.toml", "named"])
def test_a_file_may_say_it(tmp_path: pathlib.Path, module: str, file: str) -> None:
    text = (
        '[tool.locust]\nheadless = true\nrun-time = "1s"\n' if file == "pyproject.toml" else "headless\nrun-time: 1s\n"
    )
    write(tmp_path, file, text)
    code, output = run(tmp_path, *(["--config", "named"] if file == "named" else []), module=module)
    assert (code, ALONE in output) == (0, True), output
    assert "katydid.gevent: Waiting" not in output


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LOCUST_HEADLESS", "true", "No run time limit set|Run time limit set"),
        ("LOCUST_WEB_PORT", "0", "Starting web interface at .*:0"),
        ("LOCUST_AUTOQUIT", "1", "--autoquit is only meaningful in combination with --autostart"),
        ("LOCUST_MODE_WORKER", "1", "Starting Locust"),
        ("LOCUST_PROCESSES", "1", "Starting web interface"),
    ],
)
def test_a_variable_may_say_it(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    """All alone, without an argument."""
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOCUST_RUN_TIME", "1s")
    end = "import os, threading\nthreading.Timer(2, os._exit, (7,)).start()\n"  # a web interface stays
    write(tmp_path, "locustfile.py", end + IMPATIENT)
    _, output = run(tmp_path)
    assert re.search(words, output), output
    assert "Traceback" not in output
    assert "katydid.gevent: Waiting" not in output


@BOTH
def test_a_worker_that_nobody_asked_for_says_so(
    tmp_path: pathlib.Path, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "locust.conf", "headless = false\nspawn-rate = 2\n")
    monkeypatch.setenv("LOCUST_HEADLESS", "0")
    _, output = run(tmp_path, "-f", "locustfile.py", "-u", 3, "-t", "5s", module=module)
    assert WAITING + ". Without effect here, as the master decides: -u, -r, -t\n" in output
    _, output = run(tmp_path, "-f", "locustfile.py", "--worker", "-u", 3, module=module)
    assert "katydid.gevent: Waiting" not in output


def test_options_of_a_locustfile_are_no_abbreviations(tmp_path: pathlib.Path) -> None:
    added = (
        "from locust import events\n@events.init_command_line_parser.add_listener\n"
        "def add(parser):\n    parser.add_argument('--user')\n    parser.add_argument('--web')\n"
    )
    write(tmp_path, "locustfile.py", added + IMPATIENT)
    _, output = run(tmp_path, "--user", "ann", "--web", "yes")
    assert WAITING + "\n" in output


@pytest.mark.parametrize("line", ["locustfile = own.py", "locustfile: 'own.py'  # mine", "--locustfile own.py"])
def test_a_file_may_say_which_locustfile(tmp_path: pathlib.Path, line: str) -> None:
    write(tmp_path, "own.py", LOCUST.replace("        pass\n", "        self.wait()\n").replace("class L", "class Own"))
    write(tmp_path, "locust.conf", f"# locustfile = no.py\n{line}\n")
    code, output = katydid("--list", folder=tmp_path)
    assert (code, "    Own\n" in output) == (0, True), output
    write(tmp_path, "pyproject.toml", '[tool.locust]\nlocustfile = "other.py"\n')
    write(tmp_path, "other.py", LOCUST.replace("class L", "class Other"))
    _, output = katydid("--list", folder=tmp_path)
    assert "    Other\n" in output
    _, output = katydid("--list", "--config", "locust.conf", folder=tmp_path)
    assert "    Own\n" in output


@pytest.mark.parametrize(("module", "name"), [("katydid", "katydid"), ("katydid.gevent", "python -m katydid.gevent")])
@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--nosuch"], "unrecognized arguments: --nosuch"),
        (["--headless", "-u", "many"], "argument -u/--users: invalid int value: 'many'"),
        (["--metrics-port", "x"], "argument --metrics-port: invalid value 'x': expected a port, from 0 to 65535"),
    ],
)
def test_errors_have_the_name_that_was_typed(
    tmp_path: pathlib.Path, module: str, name: str, arguments: list[str], error: str
) -> None:
    code, output = run(tmp_path, "-f", "locustfile.py", *arguments, module=module)
    assert (code, output.splitlines()[-1]) == (2, f"{name}: error: {error}")
