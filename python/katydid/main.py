"""The command `katydid`: one for locustfiles in Python and in C++."""

from __future__ import annotations

import importlib.util
import logging
import os
import pathlib
import signal
import sys
from collections.abc import Sequence
from typing import Any

from . import _native, chance
from .backend import Backend, Runner
from .command.arguments import parser
from .command.command_line import locustfiles, unfolded
from .command.locustfile import LocustfileError, kind_of, load
from .command.request_log import write_request
from .command.user_config import apply_user_config, equal_weights
from .events import events
from .host import Host
from .tasks import SequentialTaskSet, Task, name_of, tags_of
from .texts import sendable
from .user import User, rate_of

logger = logging.getLogger("katydid.main")

ANSWERED_BY_ITSELF = frozenset(("--health", "--print-goals"))
"""Whatever the locustfile is, and without looking at it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not ANSWERED_BY_ITSELF.isdisjoint(arguments):
        _native.parse_options(arguments)  # ends here
    if arguments[:1] == ["compare"]:
        return _native.compare_runs(arguments[1:])
    files = unfolded(locustfiles(arguments))
    try:
        if files == ["-"]:  # the master's file is one of Locust's
            return _run_locust(arguments)
        if any(not file.endswith(".py") for file in files) or (not files and not os.path.exists("locustfile.py")):
            return _run_program(arguments)
        files = files or ["locustfile.py"]
        if kind_of(files) == "gevent":
            return _run_locust(arguments)
        return _run_coroutines(arguments, files)
    except LocustfileError as error:
        print(f"katydid: error: {error}", file=sys.stderr)
        return 2


def _run_locust(arguments: Sequence[str]) -> int:
    if importlib.util.find_spec("locust") is None:
        raise LocustfileError("Locust's own locustfiles need Locust: pip install 'katydid[locust]'")
    from .gevent.main import main as run

    run(list(arguments))
    return 0


def _run_program(arguments: Sequence[str]) -> int:
    """The worker in C++, which the package has with it."""
    program = pathlib.Path(__file__).parent / "bin" / "katydid"
    if not program.exists():
        raise LocustfileError(
            "this installation of the Python package has no C++ worker: it runs locustfiles in Python only"
        )
    os.execv(program, [str(program), *arguments])


def _run_coroutines(arguments: Sequence[str], files: Sequence[str]) -> int:
    options = _native.parse_options(arguments)
    if options.busy_poll:
        raise LocustfileError("--busy-poll is for users in C++: asyncio and Trio decide themselves when they sleep")
    processes = options.processes if options.mode == "worker" else 1
    if processes > 1 and (children := _fork(processes)):
        return _wait_for(children)
    options.set_up_logging()
    if not options.skip_log_setup:
        level = logging.DEBUG if options.logs_requests else logging.INFO
        logging.basicConfig(level=level, format="%(message)s", handlers=[NativeLogHandler()], force=True)
    if options.seed is not None:
        chance.seed(options.seed)
    try:
        classes = load(files)
    except LocustfileError:
        if not options.help:
            raise
        classes = []
    events.init_command_line_parser.fire(parser=parser)
    options.complete(parser.added)
    apply_user_config(classes, options.config_users)
    if options.equal_weights:
        equal_weights(classes)
    for each in classes:
        _register(each)
    if options.mode == "list":
        print("Available Users:", *(f"    {each.__name__}" for each in classes), sep="\n")
        return 0
    single = options.mode == "single_user"
    chosen = _choose(classes, [options.single_user] if single else options.user_classes)
    if options.mode == "master_locustfile":
        print(_native.master_locustfile([each.__name__ for each in chosen]), end="")
        return 0
    if options.mode in ("task_ratio", "task_ratio_json"):
        names = [each.__name__ for each in chosen]
        print(_native.task_ratio(names, options.users, options.mode == "task_ratio_json"), end="")
        return 0
    if options.mode not in ("worker", "headless", "single_user"):
        raise LocustfileError("--compile-to is for locustfiles in C++, and this one is in Python")
    runner = _runner(chosen)
    if options.logs_requests:
        events.request.add_listener(_log_request)
    if options.request_log:
        events.request.add_listener(write_request)

    async def host(backend: Backend) -> int:
        return await Host(backend, options, chosen).run()

    return runner(host, options.event_loop)


def _choose(classes: Sequence[type[User]], names: Sequence[str]) -> list[type[User]]:
    known = ", ".join(each.__name__ for each in classes)
    if not classes:
        raise LocustfileError("No User class found! Derive the users of the locustfile from AsyncUser or TrioUser")
    if unknown := [name for name in names if name not in {each.__name__ for each in classes}]:
        raise LocustfileError(f"Unknown User(s): {', '.join(unknown)}; the locustfile has these: {known}")
    chosen = [each for each in classes if not names or each.__name__ in names]
    if idle := [each.__name__ for each in chosen if not each.tasks]:
        raise LocustfileError(f"No tasks defined on {', '.join(idle)}: mark methods that are async def with @task")
    return chosen


def _runner(classes: Sequence[type[User]]) -> Runner:
    loops = {each.loop for each in classes}
    if loops == {"trio"}:
        if importlib.util.find_spec("trio") is None:
            named = ", ".join(each.__name__ for each in classes)
            raise LocustfileError(f"users of Trio ({named}) need Trio: pip install trio")
        from .trio_backend import run as run_trio

        return run_trio
    if loops <= {"asyncio"}:
        from .asyncio_backend import run as run_asyncio

        return run_asyncio
    named = ", ".join(f"{each.__name__} ({each.loop})" for each in classes)
    raise LocustfileError(
        f"users of asyncio and of Trio can't run in one process: {named}. Name those to run, as in "
        "`katydid -f FILE UserClass`, and run a worker for the others."
    )


def _log_request(
    *,
    request_type: str,
    name: str,
    response_time: float | None,
    response_length: int,
    response: Any,
    exception: Exception | None,
    url: str | None,
    **_others: Any,
) -> None:
    status = getattr(response, "status_code", None) or 0
    failure = "" if exception is None else sendable(str(exception))
    _native.log_request(request_type, url or name, status, response_length, failure, response_time)


def _register(cls: type[User]) -> None:
    tasks = _with_weights(cls.tasks, (cls,))
    _native.register_user_class(cls.__name__, cls.weight, cls.fixed_count, cls.host, tasks, rate_of(cls))


def _with_weights(tasks: Sequence[Task], above: tuple[type, ...]) -> list[_native.TaskTuple]:
    """A task set within itself is not followed."""
    weights: dict[str, int] = {}
    by_name: dict[str, Task] = {}
    for each in tasks:
        weights[name_of(each)] = weights.get(name_of(each), 0) + 1
        by_name[name_of(each)] = each
    found: list[_native.TaskTuple] = []
    for name, each in by_name.items():
        within: list[_native.TaskTuple] | None = None
        if isinstance(each, type) and each not in above:
            task_set: Any = each
            within = _with_weights(task_set.tasks, (*above, each))
        in_order = isinstance(each, type) and issubclass(each, SequentialTaskSet)
        found.append((name, weights[name], sorted(tags_of(each)), within, in_order))
    return found


class NativeLogHandler(logging.Handler):
    """Python's log lines go the way of Katydid's own: to stderr or --logfile, and to the master."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            _native.log(record.levelname, record.name, sendable(self.format(record)))
        except Exception:
            self.handleError(record)


def _fork(processes: int) -> list[int]:
    """The children's process ids; empty in a child."""
    children: list[int] = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            return []
        children.append(child)
    return children


def _wait_for(children: Sequence[int]) -> int:
    """Hands on SIGINT and SIGTERM; the worst exit code of all."""

    def forward(number: int, _: object) -> None:
        for child in left:
            os.kill(child, number)

    left = set(children)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    worst = 0
    while left:
        child, status = os.wait()
        left.discard(child)
        code = os.waitstatus_to_exitcode(status)
        worst = max(worst, code if code >= 0 else 128 - code)
    return worst


if __name__ == "__main__":
    sys.exit(main())
