"""The `locust` command with Katydid's parts."""

from __future__ import annotations

import argparse
import atexit
import os
import random
import signal
import sys
from typing import Any

# Imported first, for it patches the standard library.
import locust.main
from gevent import get_hub, getcurrent
from locust.env import Environment

from katydid import _native
from katydid.command.request_log import write_request

from . import mode
from .arrivals.correction import correct_latency
from .installation import install
from .runners import answer_health
from .single_user import run_single_user
from .watching import metrics
from .watching.request_lines import log_requests

HELP = frozenset(("--help", "-h"))
OWN_HELP = "Locust on Katydid's engine: a worker, unless an option says otherwise. Katydid's options:"


def arrival_option(text: str) -> str:
    """For argparse."""
    try:
        _native.check_arrival_option(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"invalid value {text!r}: {error}") from None
    return text


def port_option(text: str) -> int:
    """For argparse."""
    try:
        if 0 <= (number := int(text)) <= 65535:
            return number
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"invalid value {text!r}: expected a port, from 0 to 65535")


def own_options(argv: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """Katydid's options, and what is left for Locust."""
    parser = argparse.ArgumentParser(usage=argparse.SUPPRESS, description=OWN_HELP, add_help=False, allow_abbrev=False)
    parser.add_argument(
        "--katydid-client",
        choices=["native", "locust"],
        default=os.environ.get("KATYDID_CLIENT", "native"),
        help="the client of HttpUser and FastHttpUser: the native engine, or Locust's own",
    )
    parser.add_argument(
        "--katydid-recording",
        choices=["native", "events"],
        default=os.environ.get("KATYDID_RECORDING", "native"),
        help="how requests are counted while only Locust listens to its request event: natively, or by the event",
    )
    parser.add_argument(
        "--katydid-link",
        choices=["native", "locust"],
        default=os.environ.get("KATYDID_LINK", "native"),
        help="the connection to the master: native, with heartbeats that need no Python, or Locust's own",
    )
    parser.add_argument(
        "--event-loop",
        choices=["auto", "io_uring", "epoll"],
        default=os.environ.get("KATYDID_EVENT_LOOP", "auto"),
        help="how the engine waits for the network; auto is the fastest way that this machine has",
    )
    parser.add_argument(
        "--arrival-rate",
        action="append",
        type=arrival_option,
        metavar="<class>=<rate>",
        default=[],
        help="begin tasks of this user class at this rate on all workers together, whatever its users still wait for: "
        "Buyer=200 (a second), Buyer=600/m, Buyer=poisson:200, or Buyer=200@30s,200@5m (rises to 200 in 30 s, stays "
        "for 5 m); you can repeat the option. The users are a pool then; a task that finds none free is counted as "
        "DROPPED",
    )
    parser.add_argument(
        "--latency-correction",
        action="store_true",
        default=bool(os.environ.get("KATYDID_LATENCY_CORRECTION")),
        help="for user classes without an arrival rate, also report the times that users would have seen who do not "
        "wait for the server, as entries with '[corrected]' behind the name; no total counts them",
    )
    parser.add_argument(
        "--metrics-host",
        metavar="<address>",
        default=os.environ.get("KATYDID_METRICS_HOST") or "127.0.0.1",
        help="the address that --metrics-port listens on; default is 127.0.0.1",
    )
    parser.add_argument(
        "--metrics-port",
        type=port_option,
        metavar="<port>",
        default=os.environ.get("KATYDID_METRICS_PORT") or None,
        help="show metrics for Prometheus on this port, at /metrics; 0 takes a free port. With --processes, each "
        "takes the next port",
    )
    parser.add_argument(
        "--report-phases",
        action="store_true",
        default=bool(os.environ.get("KATYDID_REPORT_PHASES")),
        help="also report where the time of each HTTP request that succeeds went, as entries with '[connect]', "
        "'[first byte]' and so on behind the name; no total counts them",
    )
    parser.add_argument(
        "--request-log",
        metavar="<filename>",
        default=os.environ.get("KATYDID_REQUEST_LOG") or None,
        help="add each request to this file as a line of JSON: type, name, time, length, status, exception, URL",
    )
    parser.add_argument(
        "--run-single-user",
        metavar="<UserClass>",
        help="run one user of this class and print each request and response; shows you what a locustfile does",
    )
    parser.add_argument(
        "--seed",
        type=int,
        metavar="<int>",
        default=os.environ.get("KATYDID_SEED") or None,
        help="seeds Python's random module, by which users choose tasks and wait times",
    )
    options, rest = parser.parse_known_args(argv)
    options.processes = None
    if not options.arrival_rate:
        try:
            options.arrival_rate = [arrival_option(text) for text in os.environ.get("KATYDID_ARRIVAL_RATE", "").split()]
        except argparse.ArgumentTypeError as error:
            parser.error(f"KATYDID_ARRIVAL_RATE: {error}")
    if options.run_single_user is not None:
        return options, rest
    if not HELP.isdisjoint(rest):
        parser.print_help()
        print("\nAnd Locust's own:\n", flush=True)
        return options, rest
    locusts = mode.said(rest)
    options.processes = getattr(locusts, "processes", None)
    if mode.is_open(locusts):
        mode.chosen_here = True
        rest.append("--worker")
    return options, rest


def seed_chance(number: int) -> None:
    """Now and as each test begins; other workers get other numbers."""

    def begin(environment: Environment, **_: Any) -> None:
        random.seed(f"{number}/{max(0, getattr(environment.runner, 'worker_index', 0))}")

    random.seed(f"{number}/0")
    locust.events.test_start.add_listener(begin)


def log_requests_to(file: str) -> None:
    """Each process that Locust parts into writes to it by itself."""
    try:
        _native.open_request_log(file)
    except RuntimeError as error:
        sys.exit(f"katydid: error: {error}")
    locust.events.request.add_listener(write_request)
    atexit.register(_native.close_request_log)


def begin_time_now(**_: object) -> None:
    """gevent's timers count from when its loop ran last: the start of the process would be part of the run time."""
    get_hub().loop.update_now()


def interrupt_only_main() -> None:
    """Ctrl-C is for Locust, in the main greenlet. A task that happens to run would be broken off with its request.

    The second one ends whatever runs.
    """

    def interrupt(_number: int, _frame: object) -> None:
        hub: Any = get_hub()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if getcurrent() in (hub, hub.parent):
            raise KeyboardInterrupt
        hub.loop.run_callback(hub.parent.throw, KeyboardInterrupt)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)


def name_in_errors(called: str) -> str:
    """Of this command: what the user has typed, where Python has put the path of a module."""
    if os.path.basename(called) != "__main__.py":
        return called
    package = getattr(sys.modules["__main__"].__spec__, "parent", None)
    return "katydid" if package in (None, "katydid") else f"python -m {package}"


def main(argv: list[str] | None = None) -> None:
    """Runs until Locust's main() exits."""
    sys.argv[0] = name_in_errors(sys.argv[0])
    options, rest = own_options(sys.argv[1:] if argv is None else argv)
    install(
        client=options.katydid_client,
        recording=options.katydid_recording,
        link=options.katydid_link,
        event_loop=options.event_loop,
        report_phases=options.report_phases,
        arrival_rates=options.arrival_rate,
    )
    if options.seed is not None:
        seed_chance(options.seed)
    if options.latency_correction:
        correct_latency()
    if options.request_log is not None:
        log_requests_to(options.request_log)
    metrics.host, metrics.port = options.metrics_host, options.metrics_port
    metrics.ports = metrics.ports_of(options.processes)
    sys.argv[1:] = rest
    locust.events.init.add_listener(begin_time_now)
    locust.events.init.add_listener(log_requests)
    if not options.processes:  # else it waits for its children, outside of gevent
        answer_health()
    if options.run_single_user is not None:
        run_single_user(options.run_single_user)
    else:
        interrupt_only_main()
        locust.main.main()


if __name__ == "__main__":
    main()
