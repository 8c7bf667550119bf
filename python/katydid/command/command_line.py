"""The few words of the command line that are read before it is known who runs it: asyncio, Trio, Locust or C++."""

from __future__ import annotations

import os
from collections.abc import Sequence


def locustfiles(arguments: Sequence[str]) -> list[str]:
    """What -f and LOCUST_LOCUSTFILE say: the rest of the command line is read by whoever runs it."""
    found: str | None = None
    for position, argument in enumerate(arguments):
        if argument in ("-f", "--locustfile") and position + 1 < len(arguments):
            found = arguments[position + 1]
        elif argument.startswith("--locustfile="):
            found = argument.partition("=")[2]
        elif argument.startswith("-f") and len(argument) > 2 and not argument.startswith("-f="):
            found = argument[2:]
    found = found or os.environ.get("LOCUST_LOCUSTFILE") or ""
    return [each.strip() for each in found.split(",") if each.strip()]


def processes_given(arguments: Sequence[str]) -> bool:
    """By --processes or LOCUST_PROCESSES."""
    return any(each.split("=")[0] == "--processes" for each in arguments) or bool(os.environ.get("LOCUST_PROCESSES"))
