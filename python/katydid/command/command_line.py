"""The few words of the command line that are read before it is known who runs it: asyncio, Trio, Locust or C++."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from katydid import _native


def locustfiles(arguments: Sequence[str]) -> list[str]:
    """What -f, LOCUST_LOCUSTFILE and files of options say. All else is read by whoever runs it."""
    found: str | None = None
    for position, argument in enumerate(arguments):
        if argument in ("-f", "--locustfile") and position + 1 < len(arguments):
            found = arguments[position + 1]
        elif argument.startswith("--locustfile="):
            found = argument.partition("=")[2]
        elif argument.startswith("-f") and len(argument) > 2 and not argument.startswith("-f="):
            found = argument[2:]
    found = found or os.environ.get("LOCUST_LOCUSTFILE") or _locustfile_of_files(arguments)
    return [each.strip() for each in found.split(",") if each.strip()]


_CPP = (".cpp", ".cc", ".cxx", ".c++", ".C")


def unfolded(files: Sequence[str]) -> list[str]:
    """With the Python files that are in a folder, and below, in its place. One with C++ files stays: it is for C++."""
    found: list[str] = []
    for file in files:
        names = [os.path.join(at, name) for at, _, names in os.walk(file) for name in names]
        python = sorted(name for name in names if name.endswith(".py") and not os.path.basename(name).startswith("_"))
        found += [file] if not python or any(name.endswith(_CPP) for name in names) else python
    return found


def _locustfile_of_files(arguments: Sequence[str]) -> str:
    """Of a later one over an earlier one. What is wrong with them is said by whoever reads them whole."""
    files = _native.default_config_files()
    for argument, following in zip(arguments, arguments[1:] or [""], strict=False):
        name, _, value = argument.partition("=")
        if name == "--config":
            files.append(value or following)
    found = ""
    for file in files:
        with suppress(ValueError):
            found = ",".join(_native.read_config(file).get("locustfile", ())) or found
    return found
