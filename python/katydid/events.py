"""What a locustfile can listen to: `@events.test_start.add_listener`."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

from .texts import shown, trace_of

Listener = TypeVar("Listener", bound=Callable[..., Any])
logger = logging.getLogger("katydid.events")


class EventHook:
    """Calls all of its listeners with the same keywords; what one raises is logged and stops no other."""

    def __init__(self) -> None:
        self._listeners: list[Callable[..., Any]] = []

    def add_listener(self, listener: Listener) -> Listener:
        self._listeners.append(listener)
        return listener

    def remove_listener(self, listener: Callable[..., Any]) -> None:
        self._listeners.remove(listener)

    def __bool__(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def __iter__(self) -> Iterator[Callable[..., Any]]:
        return iter(self._listeners[:])

    def fire(self, *, reverse: bool = False, **keywords: Any) -> list[Awaitable[Any]]:
        """What listeners that are `async def` have still to do. `reverse`: the one that was added last comes first."""
        left: list[Awaitable[Any]] = []
        for listener in self._listeners[::-1] if reverse else self._listeners[:]:
            try:
                result = listener(**keywords)
            except BaseException as error:
                logger.error("Uncaught exception in the listener %s\n%s", shown(listener), trace_of(error))
            else:
                if inspect.isawaitable(result):
                    left.append(result)
        return left


class RequestHook(EventHook):
    """Its listeners hear what was counted; a locustfile that fires it, as in Locust, counts nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._warned = False

    def fire(self, *, reverse: bool = False, **keywords: Any) -> list[Awaitable[Any]]:
        if not self._warned:
            self._warned = True
            logger.warning("events.request.fire() counts nothing: use self.record() or self.report() of the user")
        return super().fire(reverse=reverse, **keywords)


class Events:
    """Listeners get `environment` and may take more in later versions: give them `**kwargs`."""

    def __init__(self) -> None:
        self.init = EventHook()
        """Once, when the process is ready."""
        self.init_command_line_parser = EventHook()
        """The locustfile was loaded: `parser`, to whose `add_argument` goes what the test adds to the command line."""
        self.test_start = EventHook()
        """Before the first user starts; users wait for listeners that are `async def`."""
        self.request = RequestHook()
        """A request is done, and was counted: `request_type`, `name`, `response_time` in milliseconds or None,
        `response_length`, `response` (with what has come; None of what no client sent), `context`, `exception` (None:
        success), `url`, `start_time`. Users made before a listener was added are not heard."""
        self.spawning_complete = EventHook()
        """All users have started: `user_count`, of all workers."""
        self.user_error = EventHook()
        """Code of a user has raised something: `user_instance`, `exception`, `tb`."""
        self.test_stopping = EventHook()
        """A test is to stop, and its users are told next."""
        self.test_stop = EventHook()
        """After the last user has stopped."""
        self.report_to_master = EventHook()
        """What listeners put into `data` goes to the master, to its listeners of `worker_report`. Locust's own keys
        can't be set. `client_id` names this worker."""
        self.heartbeat_received = EventHook()
        """The master has answered: `client_id`, `timestamp`."""
        self.usage_monitor = EventHook()
        """Every ten seconds: `environment`, `cpu_usage` in percent, `memory_usage` in bytes."""
        self.cpu_warning = EventHook()
        """The same above 90 %, without `memory_usage`."""
        self.quitting = EventHook()
        """Before the process ends. The listener that was added last comes first."""
        self.quit = EventHook()
        """The last of all: `exit_code`."""


events = Events()
