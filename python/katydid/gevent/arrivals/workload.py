"""The rates of one process, and what part of them is its own."""

from __future__ import annotations

import logging
import random
from typing import Any

from locust.env import Environment

from katydid import _native

from ..hub import host
from ..recording import RequestStats
from . import places

logger = logging.getLogger(__name__)
options: list[str] = []
"""What the command line says, each of it right."""


class Workload:
    """Of the process, where a class has a rate."""

    def __init__(self, environment: Environment, stats: RequestStats) -> None:
        self._classes = {cls.__name__: cls for cls in environment.user_classes}
        self._share = _native.FleetShare()
        self._all: int | None = None
        self._alone = False
        self._here: dict[str, int] = {}
        self.arrivals: dict[str, _native.Arrivals] = {}
        for option in options:
            name = option.partition("=")[0]
            if name not in self._classes:
                known = ", ".join(sorted(self._classes))
                raise SystemExit(
                    f"--arrival-rate {option}: there is no user class {name}; the locustfile has these: {known}"
                )
            rate = _native.arrival_rate_of(name, options)
            assert rate is not None
            seed = random.getrandbits(64)
            self.arrivals[name] = _native.Arrivals(host().engine, stats.native, name, rate, seed)
            self._classes[name].wait_time = places.no_time
        environment.events.test_start.add_listener(self._begin)

    def _begin(self, **_: Any) -> None:
        self._share.begin_test()
        for each in self.arrivals.values():
            each.begin_test()
        if self._alone:
            self._apply()

    def aim_alone(self, users: int) -> None:
        """There is no master: all users are here."""
        self._alone = True
        self._all = users
        self._here = _native.distribute_users(users, self._weights(self._classes))
        self._apply()

    def aim(self, here: dict[str, int]) -> None:
        """A master asks for these users."""
        self._here = here
        self._apply()

    def _apply(self) -> None:
        if self._here:
            self._share.set_targets(self._here, self._all, self._weights(self._here))
        self._set_parts()

    def heard(self, message: Any) -> bool:
        """Of the master; true when the message was for the rates alone."""
        if message.type == "spawn":
            users = message.data.get("parsed_options", {}).get("num_users")
            known = isinstance(users, int) and users >= max(1, sum(message.data["user_classes_count"].values()))
            self._all = users if known else None
        elif message.type == "spawning_complete" and self._here:
            self._share.complete(message.data["user_count"], self._weights(self._here))
            self._set_parts()
        elif message.type == _native.FleetShare.factor_message:
            self._scale(message.data)
            return True
        return False

    def _scale(self, data: Any) -> None:
        factor = data.get("factor") if isinstance(data, dict) else None
        if not isinstance(factor, int | float) or not self._share.scale(factor):
            logger.warning("A message of type %s has no factor: %r", _native.FleetShare.factor_message, data)
        else:
            self._set_parts()

    def _set_parts(self) -> None:
        parts = self._share.parts
        for name, arrivals in self.arrivals.items():
            arrivals.set_part(parts.get(name, 0.0), self._here.get(name, 0))

    def _weights(self, names: Any) -> list[tuple[str, int, int]]:
        chosen = [cls for name, cls in self._classes.items() if name in names]
        return [(cls.__name__, max(1, round(cls.weight)), cls.fixed_count) for cls in chosen]


def work_for(environment: Environment) -> Workload | None:
    """What its users are to do by rates, if anything."""
    if not options:
        return None
    stats: Any = environment.stats
    if not isinstance(stats, RequestStats):
        raise SystemExit("--arrival-rate needs Locust's own statistics, which something has replaced")
    workload = Workload(environment, stats)
    places.watch_tasks(workload.arrivals)
    return workload
