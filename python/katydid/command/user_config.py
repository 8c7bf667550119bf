"""What the command line changes of user classes: Locust's --config-users and --equal-weights."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterable
from typing import Any

from ..tasks import SequentialTaskSet, Task, TaskSet, name_of
from ..user import User
from .locustfile import LocustfileError


def apply_user_config(classes: Iterable[type[User]], texts: Iterable[str]) -> None:
    """Each text is JSON, or the name of a .json file with it: an object, or an array of them.

    The last word on the tasks of a class counts.
    """
    by_name = {each.__name__: each for each in classes}
    tasks = {name: list(each.tasks) for name, each in by_name.items()}
    for text in texts:
        parsed = _parsed(text)
        for config in parsed if isinstance(parsed, list) else [parsed]:
            if not isinstance(config, dict) or "user_class_name" not in config:
                raise LocustfileError(f"--config-users: the user config must specify a user_class_name: {config}")
            name = config["user_class_name"]
            if name not in by_name:
                raise LocustfileError(f"--config-users: the locustfile has no user class {name}")
            _apply(by_name[name], config, tasks[name])


def equal_weights(classes: Iterable[type[User]]) -> None:
    """Every class and every task counts once."""
    for each in classes:
        each.weight = 1
        _equal(each, set())


def _parsed(text: str) -> Any:
    try:
        return json.loads(pathlib.Path(text).read_text() if text.endswith(".json") else text)
    except OSError as error:
        raise LocustfileError(f"--config-users: {error}") from error
    except ValueError as error:
        raise LocustfileError(f"--config-users: {text!r} is no valid JSON, and no .json file: {error}") from error


def _apply(cls: type[User], config: dict[str, Any], tasks: list[Task]) -> None:
    for key, value in config.items():
        if key == "tasks":
            known = {name_of(each) for each in tasks}
            if not isinstance(value, list):
                raise LocustfileError("--config-users: tasks must be a list of names")
            if unknown := [str(each) for each in value if each not in known]:
                raise LocustfileError(f"--config-users: the class {cls.__name__} has no task {', '.join(unknown)}")
            cls.tasks = [each for each in tasks if name_of(each) in value]
        elif key != "user_class_name":
            setattr(cls, key, value)


def _equal(owner: Any, done: set[Any]) -> None:
    if owner in done:
        return
    done.add(owner)
    if not (isinstance(owner, type) and issubclass(owner, SequentialTaskSet)):
        owner.tasks = list(dict.fromkeys(owner.tasks))
    for each in owner.tasks:
        if isinstance(each, type) and issubclass(each, TaskSet):
            _equal(each, done)
