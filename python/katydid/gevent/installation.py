"""Katydid's parts in the place of Locust's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from operator import attrgetter
from types import SimpleNamespace
from typing import Any


def install(
    client: str = "native",
    recording: str = "native",
    link: str = "native",
    event_loop: str = "auto",
    report_phases: bool = False,
    arrival_rates: Sequence[str] = (),
) -> None:
    """Puts Katydid's parts into the installed Locust, before it runs.

    `client` and `link` are "native", or "locust" to keep Locust's own; `recording` is "native", or "events" to fire the
    `request` event for Locust alone, too; `event_loop` is "auto", "io_uring" or "epoll"; with
    `report_phases` the phases of requests are entries, too; `arrival_rates` has a "CLASS=RATE" each.
    """
    import locust  # noqa: F401  (patches the standard library before anything else is imported)
    from locust import clients, env
    from locust import runners as locust_runners
    from locust.contrib import fasthttp
    from locust.rpc import zmqrpc
    from locust.user import users

    from . import guarding, hub, names, runners
    from . import link as native_link
    from . import recording as counting
    from .arrivals import workload

    hub.event_loop = event_loop
    workload.options = list(arrival_rates)
    counting.always_by_event = recording == "events"
    counting.report_phases = report_phases
    guarding.guard_users()
    names.take_over_names()
    if sys.version_info < (3, 12):
        ask_for_users_in_c()
    env.RequestStats = counting.RequestStats  # type: ignore[attr-defined]
    env.LocalRunner = runners.LocalRunner  # type: ignore[attr-defined]
    env.WorkerRunner = runners.WorkerRunner  # type: ignore[attr-defined]
    if link == "native":
        locust_runners.rpc = SimpleNamespace(Client=native_link.client, Server=zmqrpc.Server)  # type: ignore[attr-defined, assignment]
    if client == "native":
        from .fast.session import FastHttpSession
        from .http_session import HttpSession

        clients.HttpSession = HttpSession  # type: ignore[misc]
        users.HttpSession = HttpSession  # type: ignore[attr-defined]
        fasthttp.FastHttpSession = FastHttpSession  # type: ignore[misc]


def ask_for_users_in_c() -> None:
    """Locust asks ten times for TaskSet.user with each task. The same property, without a frame of Python's each time.

    From 3.12 on, CPython does as well by itself.
    """
    from locust import TaskSet

    own: Any = vars(TaskSet)["user"]
    code, known = getattr(own.fget, "__code__", None), (lambda self: self._user).__code__
    if code is not None and (code.co_code, code.co_names) == (known.co_code, known.co_names):
        TaskSet.user = property(attrgetter("_user"), own.fset, doc=own.__doc__)  # type: ignore[assignment]
