"""What Locust is told to be: a worker, a master, or a run without one."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence

from locust.argument_parser import get_empty_argument_parser, setup_parser_arguments

logger = logging.getLogger("katydid.gevent")

_MODES = frozenset(
    (
        "worker",
        "master",
        "processes",
        "headless",
        "headful",
        "autostart",
        "autoquit",
        "class_picker",
        "build_path",
        "tls_cert",
        "tls_key",
        "web_base_path",
        "web_host",
        "web_host_display_name",
        "web_login",
        "web_port",
        "list_commands",
        "show_task_ratio",
        "show_task_ratio_json",
    )
)
"""With one of these Locust itself is told what it is; without any, this is a worker."""
_MASTERS = {"num_users": "-u", "spawn_rate": "-r", "run_time": "-t"}

chosen_here = False
"""This is a worker because nobody has said anything else."""


def said(words: Sequence[str]) -> argparse.Namespace:
    """What Locust's parser finds in the command line, its variables and its files, without what it has by default.

    Abbreviated options are not found: a locustfile may add one that is called like that.
    """
    parser = get_empty_argument_parser(add_help=False)
    setup_parser_arguments(parser)
    parser.allow_abbrev = False
    for action in parser._actions:
        action.default = argparse.SUPPRESS
    found: argparse.Namespace = parser.parse_known_args(list(words))[0]
    return found


def is_open(options: argparse.Namespace) -> bool:
    """Nobody has said what this is."""
    return _MODES.isdisjoint(vars(options))


def tell_of_waiting(options: argparse.Namespace | None, master: str) -> None:
    """Of a worker that nobody has asked for, and how to do without a master."""
    if not chosen_here:
        return
    given = [option for name, option in _MASTERS.items() if getattr(options, name, None) is not None]
    logger.info(
        "Waiting for the master at %s. To run without one, use --headless or --web-port%s",
        master,
        f". Without effect here, as the master decides: {', '.join(given)}" if given else "",
    )
