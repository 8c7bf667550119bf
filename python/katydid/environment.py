"""The test that is running, seen from users and listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _native
from .command.arguments import ParsedOptions, parser
from .events import Events
from .life import Life

_instead = {
    "runner": "environment.quit() ends the test, and environment.client_id and worker_index tell of the worker",
    "stats": "count in a listener of `request`, and give conditions by --fail-if",
}


class Environment:
    """Locust's `environment`."""

    def __init__(self, events: Events, statistics: _native.Statistics) -> None:
        self.events = events
        self.statistics = statistics
        self.process_exit_code: int | None = None
        """The exit code of the process, for a listener of `quitting` to set; None: as the test went."""
        self._being_made: Life | None = None

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            instead = f": {_instead[name]}" if name in _instead else ""
            raise AttributeError(f"Katydid's environment has no '{name}'{instead}", name=name, obj=self)

    @property
    def host(self) -> str:
        """The master's, or --host; empty when every class has its own."""
        return _native.environment_host()

    @property
    def parsed_options(self) -> ParsedOptions:
        """The command line, the test's own arguments included: this process's with the master's over it."""
        return ParsedOptions(parser.typed(_native.parsed_options()))

    @property
    def worker_index(self) -> int:
        """-1 before the master gave one, 0 without a master."""
        return _native.worker_index()

    @property
    def client_id(self) -> str:
        """The name by which the master knows this worker, Locust's `runner.client_id`; "" without a master."""
        return _native.client_id()

    def send_message(self, kind: str, data: Any = None) -> None:
        """To the listener that the master's locustfile registered for that kind."""
        _native.send_message(kind, data)

    def quit(self) -> None:
        """Ends this worker as SIGTERM does."""
        _native.quit()

    def being_made(self) -> Life:
        if self._being_made is None:
            raise RuntimeError("only Katydid can make a user, when a test starts it")
        return self._being_made

    def make(self, cls: type, life: Life) -> Any:
        self._being_made = life
        try:
            return cls(self)
        finally:
            self._being_made = None


message_listeners: dict[str, Any] = {}


def register_message(kind: str, listener: Any) -> None:
    """`listener(environment=…, msg=…)` gets the messages of that kind that the master sends."""
    message_listeners[kind] = listener
