"""Locust's own locustfiles on Katydid's engine.

The installed Locust runs the users, tasks, events and shapes; what is replaced is the client of HttpUser and
FastHttpUser, the counting of requests, and the link to the master.
"""

from __future__ import annotations

from .installation import install

__all__ = ["install", "main"]


def main(argv: list[str] | None = None) -> None:
    """The `locust` command on Katydid's engine; `argv` is without the program's name."""
    from .main import main as run

    run(argv)
