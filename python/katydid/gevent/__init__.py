"""Locust's own locustfiles on Katydid's engine.

The installed Locust runs the users, tasks, events and shapes; what is replaced is the client of HttpUser and
FastHttpUser, the counting of requests, and the link to the master.
"""

from __future__ import annotations


def install(client: str = "native", link: str = "native", event_loop: str = "auto") -> None:
    """Puts Katydid's parts into the installed Locust, before it runs.

    `client` and `link` are "native", or "locust" to keep Locust's own; `event_loop` is "auto", "io_uring" or "epoll".
    """
    import locust  # noqa: F401  (patches the standard library before anything else is imported)
    from locust import clients, env
    from locust.contrib import fasthttp
    from locust.user import users

    from . import hub, recording, runners

    hub.event_loop = event_loop
    env.RequestStats = recording.RequestStats  # type: ignore[misc]
    env.LocalRunner = runners.LocalRunner  # type: ignore[misc]
    env.WorkerRunner = runners.WorkerRunner  # type: ignore[misc]
    runners.native_link = link == "native"
    if client == "native":
        from .fast_session import FastHttpSession
        from .http_session import HttpSession

        clients.HttpSession = HttpSession  # type: ignore[misc]
        users.HttpSession = HttpSession  # type: ignore[attr-defined]
        fasthttp.FastHttpSession = FastHttpSession  # type: ignore[misc]


def main(argv: list[str] | None = None) -> None:
    """The `locust` command on Katydid's engine; `argv` is without the program's name."""
    from .main import main as run

    run(argv)
