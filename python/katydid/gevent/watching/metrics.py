"""`--metrics-port` of Locust's own runners: what Prometheus reads, in the words of all other Katydids."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

import gevent
from locust.env import Environment

from katydid import _native
from katydid.texts import sendable

from .. import hub
from ..recording import RequestStats

logger = logging.getLogger("katydid.metrics")

host = "127.0.0.1"
port: int | None = None
"""None: no metrics; 0: a free one."""
ports = 1
"""So many from there on are for the processes of this command: each takes the first that is free."""

_STATES: Final = {"cleanup": "stopped", "stopping": "stopped", "missing": "ready"}
_served: _native.Metrics | None = None


def ports_of(processes: int | None) -> int:
    """For Locust's --processes. Of -1, as many as a machine can have."""
    count = processes or 1
    return count if count > 0 else 1024


def serve(environment: Environment) -> _native.Metrics | None:
    """The metrics of this process, with what that environment counts; None where nobody asked for them."""
    global _served
    if port is None:
        return None
    if _served is None:
        try:
            _served = _native.Metrics(host, port, ports)
        except RuntimeError as error:
            sys.exit(f"katydid: error: {error}")
        logger.info("Metrics are at %s", _served.url)
    metrics = _served
    stats: Any = environment.stats
    if isinstance(stats, RequestStats):
        stats.show_in(metrics)

    def failed(**_: Any) -> None:
        metrics.exception()

    def reported(**_: Any) -> None:
        metrics.reported()

    environment.events.user_error.add_listener(failed)
    environment.events.report_to_master.add_listener(reported)
    return metrics


def keep(runner: Any, metrics: _native.Metrics, merges: bool) -> None:
    """Tells of the runner's users and state, again and again. Reports merge what was counted; a test without has
    nobody else who does."""
    engine = hub.host().engine
    engine.measure_lag()
    while True:
        metrics.add_lag(engine)
        metrics.set_users({sendable(name): count for name, count in runner.user_classes_count.items()})
        metrics.set_state(_STATES.get(runner.state, runner.state))
        stats = runner.environment.stats
        if merges and isinstance(stats, RequestStats):
            stats.merge_pending()
        if not (isinstance(stats, RequestStats) and stats.native.pending):
            metrics.flush()
        gevent.sleep(1)
