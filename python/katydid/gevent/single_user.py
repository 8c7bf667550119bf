"""`--run-single-user`: one user of Locust's, with all that it sends and receives."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import gevent
from locust import debug
from locust.argument_parser import get_parser, parse_locustfile_paths
from locust.util.load_locustfile import load_locustfile
from locust.util.timespan import parse_timespan

from katydid.command.command_line import locustfiles
from katydid.command.locustfile import LocustfileError

from . import hub


def run_single_user(name: str) -> None:
    """Runs it by Locust's run_single_user(), until --run-time is over or it is interrupted."""
    classes: dict[str, Any] = {}
    for file in parse_locustfile_paths(locustfiles(sys.argv[1:]) or ["locustfile.py"]):
        loaded: tuple[Any, ...] = load_locustfile(file)  # older versions have a docstring in front
        classes |= next(part for part in loaded if isinstance(part, dict))
    if name not in classes:
        raise LocustfileError(f"Unknown User(s): {name}; the locustfile has these: {', '.join(classes)}")
    options, _ = get_parser().parse_known_args()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    hub.trace = True
    try:
        with gevent.Timeout(_seconds(options), False):  # type: ignore[arg-type]
            debug.run_single_user(classes[name])
    except KeyboardInterrupt:
        pass


def _seconds(options: argparse.Namespace) -> float | None:
    given = options.run_time
    return parse_timespan(given) if isinstance(given, str) else given
