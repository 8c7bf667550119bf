"""Locust's runners, which record natively and lose nothing when users stop."""

from __future__ import annotations

import logging
from typing import Any

import gevent
from locust import runners
from locust.env import Environment

from .hub import lingering
from .link import Client
from .recording import RequestStats, record_natively

logger = logging.getLogger("katydid.gevent")


class _Runner(runners.Runner):
    def stop_users(self, user_classes_stop_count: dict[str, int]) -> None:
        """And waits for the answers to what the users have sent."""
        super().stop_users(user_classes_stop_count)
        lingering.wait()
        if lingering.cut_off:
            logger.warning(lingering.take_cut_off())


class LocalRunner(_Runner, runners.LocalRunner):
    """Of a run without a master."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        record_natively(environment)
        self.greenlet.spawn(self._merge_now_and_then)

    def _merge_now_and_then(self) -> None:
        """For those who hold on to an entry: the console, the web interface's charts."""
        while True:
            gevent.sleep(1)
            stats: Any = self.environment.stats
            if isinstance(stats, RequestStats):
                stats.merge()


class WorkerRunner(_Runner, runners.WorkerRunner):
    """Of a worker."""

    def __init__(self, environment: Environment, master_host: str, master_port: int) -> None:
        super().__init__(environment, master_host, master_port)
        record_natively(environment)
        self._report_before_leaving()

    def _report_before_leaving(self) -> None:
        """Locust tells the master of its leaving first; what was counted since the last report would be lost."""
        handlers = self.environment.events.quitting._handlers
        last_words = [getattr(handler, "__qualname__", "") for handler in handlers].index(
            "WorkerRunner.__init__.<locals>.on_quitting"
        )

        def report(**_kwargs: Any) -> None:
            self.stop()
            self._send_stats()

        handlers.insert(last_words + 1, report)  # they are called from the last to the first

    def reset_connection(self) -> None:
        """When the master has asked for it."""
        client: object = self.client
        if isinstance(client, Client):
            logger.info("Reset connection to master")
            client.reconnect()
        else:
            super().reset_connection()
