"""What the command line says of user classes, beside Locust: --config-users, --show-task-ratio and its JSON."""

from __future__ import annotations

import collections
import functools
import json
import pathlib
import subprocess
from typing import Any

import pytest
from recording_target import RecordingTarget

from ..command.test_command import needs_locust
from .runs import MODES, program, run, surroundings

pytestmark = needs_locust

BUYER = json.dumps({"user_class_name": "Buyer", "weight": 1})
ADMIN = json.dumps({"user_class_name": "Admin", "weight": 5})
GUARD = json.dumps({"user_class_name": "Guard", "fixed_count": 4})
LOOKS = json.dumps({"user_class_name": "Buyer", "tasks": ["look", "Browse"]})
BUYS = json.dumps({"user_class_name": "Buyer", "tasks": ["buy"]})
FILES = {
    "one.json": BUYER,
    "two.json": f"[{BUYER}, {ADMIN}]",
    "no.json": "{",
    "text.conf": f"config-users = {ADMIN}\n",
    "files.conf": "config-users = [one.json, two.json]\n",
    "pyproject.toml": '[tool.locust]\nconfig-users = ["two.json"]\n',
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("configured")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "pyproject.toml").rename(folder / "given.toml")  # where nobody looks by himself
    return folder


@functools.cache
def ended(mode: str, folder: pathlib.Path, variable: str, *options: str) -> tuple[int, str, str]:
    """Its exit code, stdout and stderr."""
    environment = {**surroundings(), "LOCUST_CONFIG_USERS": variable}
    if not variable:
        del environment["LOCUST_CONFIG_USERS"]
    done = subprocess.run(
        [*program(mode, "configured", folder), *options],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


RATIOS: dict[str, tuple[str, ...]] = {
    "as it is": ("-u", "11"),
    "without users": (),
    "of some classes": ("-u", "7", "Buyer", "Guard"),
    "of one class": ("Admin",),
    "an object": ("-u", "11", "--config-users", BUYER),
    "an array": ("-u", "11", "--config-users", f"[{BUYER}, {ADMIN}]"),
    "a file": ("-u", "11", "--config-users", "one.json"),
    "a file with an array": ("-u", "11", "--config-users", "two.json"),
    "several": ("-u", "11", "--config-users", "one.json", ADMIN, f"[{GUARD}]"),
    "nothing": ("-u", "11", "--config-users", "[]"),
    "tasks": ("-u", "11", "--config-users", LOOKS),
    "the last word on tasks": ("-u", "11", "--config-users", BUYS, LOOKS),
    "text in a file of options": ("-u", "11", "--config", "text.conf"),
    "files in a file of options": ("-u", "11", "--config", "files.conf"),
    "in TOML": ("-u", "11", "--config", "given.toml"),
}
VARIABLES = {"an object": ADMIN, "a file": "two.json", "a list of files": "[one.json, two.json]"}


def compare(mode: str, folder: pathlib.Path, variable: str, options: tuple[str, ...]) -> dict[str, Any]:
    code, text, said = ended(mode, folder, variable, *options, "--show-task-ratio")
    assert code == 0, said
    lines = text.splitlines()
    expected = ended("locust", folder, variable, *options, "--show-task-ratio")[1].splitlines()
    if "Buyer" in options:  # Locust keeps the classes that were chosen in a set, whose order is another each time
        lines, expected = sorted(lines), sorted(expected)
    assert lines == expected
    code, text, said = ended(mode, folder, variable, *options, "--show-task-ratio-json")
    assert code == 0, said
    ratios: dict[str, Any] = json.loads(text)
    assert ratios == json.loads(ended("locust", folder, variable, *options, "--show-task-ratio-json")[1])
    return ratios


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("which", RATIOS)
def test_ratios(mode: str, which: str, folder: pathlib.Path) -> None:
    ratios = compare(mode, folder, "", RATIOS[which])
    if "--config-users" in RATIOS[which] or "--config" in RATIOS[which]:
        usual = json.loads(ended(mode, folder, "", "-u", "11", "--show-task-ratio-json")[1])
        assert (ratios == usual) == (which == "nothing"), "it changes something"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("which", VARIABLES)
def test_ratios_by_a_variable(mode: str, which: str, folder: pathlib.Path) -> None:
    usual = json.loads(ended(mode, folder, "", "-u", "11", "--show-task-ratio-json")[1])
    assert compare(mode, folder, VARIABLES[which], ("-u", "11")) != usual


REFUSED = {"cpp": 1, "asyncio": 2, "trio": 2}
"""Exit codes, of a locustfile that it does not go with."""
WRONG = {
    "nonsense": "no valid JSON",
    "no.json": "no valid JSON",
    "missing.json": "No such file",
    '{"weight": 2}': "user_class_name",
    f"[{BUYER}, {{}}]": "user_class_name",
    "[1]": "user_class_name",
    '{"user_class_name": "Nobody"}': "Nobody",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said(mode: str, text: str, folder: pathlib.Path) -> None:
    """As a wrong option, where no locustfile is needed to see it."""
    code, shown, said = ended(mode, folder, "", "--show-task-ratio", "--config-users", text)
    of_locust = ended("locust", folder, "", "--show-task-ratio", "--config-users", text)[0]
    assert (code, of_locust) == ((REFUSED[mode], 255) if "Nobody" in text else (2, 2)), said
    assert WRONG[text] in said
    assert not shown
    assert "Traceback" not in said


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wrong", [{"tasks": ["look", "sell"]}, {"tasks": "look"}])
def test_tasks_that_there_are_not_are_refused(mode: str, wrong: dict[str, Any], folder: pathlib.Path) -> None:
    """Locust takes what it finds of them, which may be nothing."""
    config = json.dumps({"user_class_name": "Buyer", **wrong})
    code, _, said = ended(mode, folder, "", "--show-task-ratio", "--config-users", config)
    assert code == REFUSED[mode]
    assert ("has no task sell" if "sell" in config else "tasks must be a list of names") in said
    assert ended("locust", folder, "", "--show-task-ratio", "--config-users", config)[0] == 0


@pytest.mark.parametrize("mode", MODES)
def test_users_are_as_configured(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    """How many of each class there are, whom they ask, and what they do."""
    configs = [
        {"user_class_name": "Buyer", "host": target.url, "weight": 1, "tasks": ["buy"]},
        {"user_class_name": "Admin", "host": f"{target.url}/echo", "weight": 5},
        {"user_class_name": "Guard", "host": target.url, "fixed_count": 2},
    ]
    (tmp_path / "rest.json").write_text(json.dumps(configs[1:]))

    def seen(mode: str) -> dict[str, int]:
        options = ("-u", "8", "-r", "100", "--config-users", json.dumps(configs[0]), "rest.json")
        return collections.Counter(run(mode, "configured", target, tmp_path, *options, host=False).asked)

    expected = {"Buyer": 1, "buy": 1, "/echo/hello?Admin": 5, "/echo/hello?rule": 5, "Guard": 2, "watch": 2}
    assert seen(mode) == seen("locust") == expected


@pytest.mark.parametrize("mode", [*MODES, "locust"])
def test_equal_weights(mode: str, target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    """Of 60 users there are as many of each class, and each task is as likely."""
    options = ("--equal-weights", "-u", "60", "-r", "100", "Buyer", "Admin")
    asked = collections.Counter(run(mode, "configured", target, tmp_path, *options).asked)
    assert (asked["Buyer"], asked["Admin"], asked["rule"]) == (30, 30, 30)
    # One of three, and in Locust, which takes sets apart, one of five: 30 times at random, within four deviations.
    share = 1 / 5 if mode == "locust" else 1 / 3
    assert abs(asked["buy"] - 30 * share) < 4 * (30 * share * (1 - share)) ** 0.5, asked
    assert sum(asked.values()) == 120
