"""What a locustfile can listen to: `@events.test_start.add_listener`."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
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

    def fire(self, **keywords: Any) -> list[Awaitable[Any]]:
        """What listeners that are `async def` have still to do."""
        left: list[Awaitable[Any]] = []
        for listener in self._listeners:
            try:
                result = listener(**keywords)
            except BaseException as error:
                logger.error("Uncaught exception in the listener %s\n%s", shown(listener), trace_of(error))
            else:
                if inspect.isawaitable(result):
                    left.append(result)
        return left


class Events:
    """Listeners get `environment` and may take more in later versions: give them `**kwargs`."""

    def __init__(self) -> None:
        self.init = EventHook()
        """Once, when the process is ready."""
        self.test_start = EventHook()
        """Before the first user starts; users wait for listeners that are `async def`."""
        self.test_stop = EventHook()
        """After the last user has stopped."""
        self.quitting = EventHook()
        """Before the process ends."""


events = Events()
