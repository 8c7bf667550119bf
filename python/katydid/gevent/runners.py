"""Locust's runners, which record natively and lose nothing when users stop."""

from __future__ import annotations

import atexit
import logging
import math
import time
from collections.abc import Callable
from typing import Any, NoReturn

import gevent
from gevent import get_hub, getcurrent
from gevent.lock import RLock
from locust import runners
from locust.env import Environment

from katydid import _native
from katydid.command.health import answers

from . import children, mode
from .arrivals.workload import work_for
from .guarding import guard_listeners
from .lingering import lingering
from .link import Client
from .recording import RequestStats, record_natively
from .watching import metrics

logger = logging.getLogger("katydid.gevent")

OTHERS_STOP = 5.0
"""Seconds that a stop of somebody else's may take, beside the stop timeout."""


READABLE = 1


def answer_health() -> None:
    """`katydid --health` is answered from gevent's hub: no greenlet has to be free for it."""

    def watch(descriptor: int, call: Callable[[], None]) -> object:
        watcher = get_hub().loop.io(descriptor, READABLE, ref=False)
        watcher.start(call)
        return watcher

    answers.listen(watch)


LOST = 5.0
"""Seconds without a heartbeat after which a worker says that it has no master."""


class _Runner(runners.Runner):
    _leaves = False

    def __init__(self, *args: Any) -> None:
        self._stopping = RLock()
        answer_health()
        answers.state = self._health
        super().__init__(*args)
        children.watch(self.user_greenlets)
        record_natively(self.environment)
        self._workload = work_for(self.environment)
        self.greenlet.spawn(self._watch_machine)
        self._metrics = metrics.serve(self.environment)
        if self._metrics is not None:
            merges = isinstance(self, runners.LocalRunner)
            self.greenlet.spawn(metrics.keep, self, self._metrics, merges)

    def _watch_machine(self) -> None:
        """Warns where the machine bends the figures."""
        watch = _native.MachineWatch()
        while True:
            gevent.sleep(1)
            for warning in watch.look(self.user_count > 0):
                logger.warning("%s", warning)

    def _health(self) -> str:
        return f"{self.state}, without a master"

    def stop_users(self, user_classes_stop_count: dict[str, int]) -> None:
        """And lists the requests that took longer than users are waited for."""
        users = [greenlet.args[0] for greenlet in self.user_greenlets if greenlet.args]
        super().stop_users(user_classes_stop_count)
        lingering.wait()
        self._list_cut_off()
        _close_connections(users)

    def stop(self) -> None:
        """And ends what users have begun beside their tasks, where the process ends.

        Whoever calls it while somebody else does goes on when the users have stopped, as the last report would miss
        what they have under way.
        """
        alone = self._stopping.acquire(timeout=self.environment.stop_timeout + OTHERS_STOP)
        lingering.until = time.monotonic() + self.environment.stop_timeout + lingering.limit
        try:
            super().stop()
            if self._leaves or lingering.limit == lingering.QUIT_LIMIT:
                children.end()
                self._list_cut_off()
        finally:
            lingering.until = math.inf
            if alone:
                self._stopping.release()

    def quit(self) -> None:
        """As Locust; a task that calls it is killed, which must not end this in the middle."""
        self._leaves = True
        here: Any = getcurrent()
        if here not in self.user_greenlets:
            super().quit()
            return
        children.forget(gevent.spawn(super().quit))
        self.user_greenlets.killone(here, block=False)
        gevent.sleep(0)

    def _list_cut_off(self) -> None:
        if lingering.cut_off:
            if self._metrics is not None:
                self._metrics.cut_off(lingering.cut_off.total())
            logger.warning(lingering.take_cut_off())


def _close_connections(users: list[Any]) -> None:
    """Of those that have stopped: they are in cycles of references, and may wait long to be collected."""
    for user in users:
        client = getattr(user.__dict__.get("client"), "_client", None)
        if isinstance(client, _native.Client) and user.greenlet.dead:
            client.close_idle()


class LocalRunner(_Runner, runners.LocalRunner):
    """Of a run without a master."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.greenlet.spawn(self._merge_now_and_then)

    def start(self, user_count: int, *args: Any, **keywords: Any) -> None:
        """As Locust; tasks that begin at a rate go by the number of users."""
        if self._workload is not None:
            self._workload.aim_alone(user_count)
        super().start(user_count, *args, **keywords)

    def _merge_now_and_then(self) -> None:
        """Where nobody looks at the statistics for long, they would hold each second apart for as long."""
        while True:
            gevent.sleep(10)
            stats: Any = self.environment.stats
            if isinstance(stats, RequestStats):
                stats.merge_pending()


class WorkerRunner(_Runner, runners.WorkerRunner):
    """Of a worker."""

    def __init__(self, environment: Environment, master_host: str, master_port: int) -> None:
        mode.tell_of_waiting(environment.parsed_options, f"{master_host}:{master_port}")
        super().__init__(environment, master_host, master_port)
        self._report_before_leaving()
        guard_listeners(environment.events)
        client: object = self.client
        if self._workload is not None:
            if not isinstance(client, Client):
                raise SystemExit("--arrival-rate needs Katydid's link to the master: leave out --katydid-link locust")
            client.heard = self._workload.heard
        atexit.register(self._report_at_exit)

    def start_worker(self, user_classes_count: dict[str, int], **keywords: Any) -> None:
        """As Locust; tasks that begin at a rate go by the part of all users that is here."""
        if self._workload is not None:
            self._workload.aim(dict(user_classes_count))
        super().start_worker(user_classes_count, **keywords)

    def _report_at_exit(self) -> None:
        """Whatever has ended the process: what was counted since the last report goes to the master."""
        if self.user_count or self.stats.total.num_requests or self.stats.errors:
            self.stop()
            self._send_stats()

    def _report_before_leaving(self) -> None:
        """Locust tells the master of its leaving first; what was counted since the last report would be lost."""
        handlers = self.environment.events.quitting._handlers
        last_words = [getattr(handler, "__qualname__", "") for handler in handlers].index(
            "WorkerRunner.__init__.<locals>.on_quitting"
        )

        def report(**_kwargs: Any) -> None:
            self._leaves = True
            self.stop()
            self._send_stats()

        handlers.insert(last_words + 1, report)  # they are called from the last to the first

    def _health(self) -> str:
        heard = self.last_heartbeat_timestamp
        master = f"{self.master_host}:{self.master_port}"
        if not heard or time.time() - heard > LOST:
            return f"no master at {master} answers, and it goes on calling"
        return f"{self.worker_state}, master {master}"

    def heartbeat_timeout_checker(self) -> NoReturn:
        """As Locust, by a clock that nobody sets: when the time of day jumps, the master has not been silent."""
        heard, since = self.last_heartbeat_timestamp, time.monotonic()
        while True:
            gevent.sleep(1)
            if self.last_heartbeat_timestamp != heard:
                heard, since = self.last_heartbeat_timestamp, time.monotonic()
            if heard and time.monotonic() - since > runners.MASTER_HEARTBEAT_TIMEOUT:
                runners.logger.error(f"Didn't get heartbeat from master in over {runners.MASTER_HEARTBEAT_TIMEOUT}s")
                self.quit()

    def reset_connection(self) -> None:
        """When the master has asked for it."""
        client: object = self.client
        if isinstance(client, Client):
            logger.info("Reset connection to master")
            client.reconnect()
        else:
            super().reset_connection()
