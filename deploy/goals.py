"""What makes a test fail, and the search for the highest arrival rate, for a Locust master. It needs Locust alone.

    locust --master -f locustfile.py,goals.py --fail-if 'p99(GET /hello) > 200ms' --fail-if 'fail_ratio > 1% abort'
    locust --master -f locustfile.py,goals.py --find-max 'p95 < 300ms, fail_ratio < 1%' --find-max-start 20

`--fail-if` goes by what all workers report, of whatever kind they are. In the end the master's exit code tells, and with
`abort` the test stops as soon as that holds. It does the same for a test without a master.

`--find-max` needs Katydid's workers, whose user classes have arrival rates: the master tells them to go faster or
slower. The words are those of `katydid --fail-if` and `--find-max`.

The master rounds response times to two digits, and so are percentiles.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections import Counter
from dataclasses import dataclass, field

import gevent
from gevent.event import Event
from locust import events
from locust.runners import STATE_RUNNING, STATE_SPAWNING, MasterRunner, WorkerRunner
from locust.stats import calculate_response_time_percentile

logger = logging.getLogger("katydid.goals")

REPORTS_TAKE = 5.0
"""Seconds until what a worker has counted has certainly come here: they report every three."""
TOLERATED_DROPS = 0.005
"""Of the tasks that were due: fewer are a matter of chance."""


@dataclass
class Counts:
    """Of an entry of the statistics, or of all, since some time."""

    requests: int = 0
    fails: int = 0
    untimed: int = 0
    total_time: float = 0.0
    times: Counter[int] = field(default_factory=Counter)
    rate: float = 0.0
    """Requests a second, of the whole run."""
    least: float | None = None
    most: float | None = None

    @classmethod
    def of(cls, entry, seconds: float) -> Counts:
        return cls(
            requests=entry.num_requests,
            fails=entry.num_failures,
            untimed=entry.num_none_requests,
            total_time=entry.total_response_time,
            times=Counter(entry.response_times),
            rate=entry.num_requests / seconds if seconds > 0 else 0.0,
            least=entry.min_response_time,
            most=entry.max_response_time,
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            requests=self.requests + other.requests,
            fails=self.fails + other.fails,
            untimed=self.untimed + other.untimed,
            total_time=self.total_time + other.total_time,
            times=self.times + other.times,
            rate=self.rate + other.rate,
            least=min((each for each in (self.least, other.least) if each is not None), default=None),
            most=max((each for each in (self.most, other.most) if each is not None), default=None),
        )

    def since(self, before: Counts, seconds: float) -> Counts:
        times = Counter({time: n for time in self.times if (n := self.times[time] - before.times[time]) > 0})
        return Counts(
            requests=self.requests - before.requests,
            fails=self.fails - before.fails,
            untimed=self.untimed - before.untimed,
            total_time=self.total_time - before.total_time,
            times=times,
            rate=(self.requests - before.requests) / seconds,
            least=min(times, default=None),
            most=max(times, default=None),
        )


class Figures:
    """What the master knows by now, or what came in some time."""

    def __init__(self, total: Counts, entries: dict[tuple[str, str], Counts]) -> None:
        self.total = total
        self.entries = entries

    @classmethod
    def now(cls, stats, until: float | None = None) -> Figures:
        """`until` then, or the last request after it, the test has run: a target that answers no more lowers the rate."""
        seconds = max(stats.last_request_timestamp or 0, until or time.time()) - stats.start_time
        entries = {key: Counts.of(entry, seconds) for key, entry in stats.entries.items()}
        return cls(Counts.of(stats.total, seconds), entries)

    def since(self, before: Figures, seconds: float) -> Figures:
        none = Counts()
        entries = {key: each.since(before.entries.get(key, none), seconds) for key, each in self.entries.items()}
        return Figures(self.total.since(before.total, seconds), entries)

    def named(self, entry: str) -> Counts | None:
        found = [each for (name, method), each in self.entries.items() if entry in (name, f"{method} {name}")]
        return sum(found[1:], found[0]) if found else None  # of several methods, perhaps

    def dropped(self, user_class: str = "") -> int:
        return sum(
            each.requests
            for (name, method), each in self.entries.items()
            if method == "DROPPED" and user_class in ("", name)
        )


class Threshold:
    """When a test has failed: "p99(GET /hello) > 200ms", "fail_ratio > 1% abort"; see `katydid --help`."""

    _COMPARISONS = {
        ">": float.__gt__,
        ">=": float.__ge__,
        "<": float.__lt__,
        "<=": float.__le__,
    }
    _OPPOSITES = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
    _TIMES = ("avg", "min", "max")
    _OTHERS = ("fail_ratio", "fails", "requests", "rps", "dropped")
    _UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}

    def __init__(self, text: str, required: bool = False) -> None:
        """`required`: it is what has to hold. Raises ValueError."""
        self.text = text.strip()
        rest, aborts = re.subn(r"\s+abort$", "", self.text)
        self.aborts = bool(aborts)
        if required and aborts:
            raise ValueError("'abort' is for --fail-if")
        # Names of entries may hold anything, these signs too: the comparison is behind the last bracket.
        found = re.fullmatch(r"([^(<>]*?)\s*(?:\((.*)\))?\s*(>=|<=|>|<)\s*([^<>]*)", rest.strip(), re.DOTALL)
        if not found:
            raise ValueError("expected a comparison, such as 'p99(GET /hello) > 200ms'")
        self._measure, entry, comparison, limit = found.groups()
        self._entry = (entry or "").strip()
        if entry is not None and not self._entry:
            raise ValueError("there is no name in the brackets")
        self._fraction: float | None = None
        if percent := re.fullmatch(r"p(\d+\.?\d*|\.\d+)", self._measure):
            self._fraction = float(percent[1]) / 100
            if not 0 < self._fraction <= 1:
                raise ValueError("a percentile is above 0 and at most 100")
        elif self._measure not in self._TIMES + self._OTHERS:
            known = ", ".join(self._TIMES + self._OTHERS)
            raise ValueError(f"there is no measure '{self._measure}': choose from p50, p99 and so on, {known}")
        self._holds = self._COMPARISONS[self._OPPOSITES[comparison] if required else comparison]
        self._limit = self._limit_from(limit.strip())

    @property
    def _is_time(self) -> bool:
        return self._fraction is not None or self._measure in self._TIMES

    def _limit_from(self, text: str) -> float:
        number, unit = re.fullmatch(r"(.*?)\s*(us|ms|s|%|)", text, re.DOTALL).groups()
        if self._is_time and unit not in self._UNITS:
            raise ValueError(f"expected a time with its unit, such as 200ms or 1.5s, not '{text}'")
        fits = self._is_time or not unit or (unit == "%" and self._measure == "fail_ratio")
        if not fits or not re.fullmatch(r"\d+\.?\d*|\.\d+", number):
            raise ValueError(f"'{text}' is no limit for that measure")
        limit = float(number) * (self._UNITS[unit] if self._is_time else 0.01 if unit else 1)
        if self._measure == "fail_ratio" and limit > 1:
            raise ValueError(f"a ratio of '{text}' is more than all: did you mean {text}%?")
        return limit

    def _value_of(self, counts: Counts) -> float | None:
        if self._is_time and counts.requests <= counts.untimed:
            return None
        if self._fraction is not None:
            timed = counts.requests - counts.untimed
            return float(calculate_response_time_percentile(counts.times, timed, self._fraction))
        if self._measure == "fail_ratio":
            return counts.fails / counts.requests if counts.requests else None
        return float(
            {
                "avg": lambda: counts.total_time / (counts.requests - counts.untimed),
                "min": lambda: counts.least or 0,
                "max": lambda: counts.most or 0,
                "fails": lambda: counts.fails,
                "requests": lambda: counts.requests,
                "rps": lambda: counts.rate,
            }[self._measure]()
        )

    def _value_in(self, figures: Figures) -> float | None:
        if self._measure == "dropped":
            return float(figures.dropped(self._entry))
        counts = figures.named(self._entry) if self._entry else figures.total
        return None if counts is None else self._value_of(counts)

    def broken_by(self, figures: Figures, at_the_end: bool) -> str | None:
        """What is wrong; None where all is well. An entry without requests can't be well in the end."""
        value = self._value_in(figures)
        if value is None:
            what = f"request that is counted as {self._entry}" if self._entry else "request"
            return f"{self.text}: there was no {what}" if at_the_end else None
        if not self._holds(value, self._limit):
            return None
        if self._measure == "fail_ratio":
            return f"{self.text}: it is {value * 100:.6g} %"
        return f"{self.text}: it is {value:.6g}{' ms' if self._is_time else ''}"


def requirements(text: str) -> list[Threshold]:
    """Of "p95 < 300ms, fail_ratio < 1%"; commas within brackets are names'. Raises ValueError."""
    parts, depth = [""], 0
    for letter in text:
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [Threshold(part, required=True) for part in parts]


class RateSearch:
    """Finds the highest rate at which a condition holds, one step after the other: doubles the rate until it does not
    hold, halves what lies between, and then tries both ends again, as what is measured is a matter of chance. A rate
    that fails when it is tried again makes room for the next lower one, and one that holds for the next higher one.
    """

    PRECISION = 0.015
    REPEATS = 3
    MOST_STEPS = 80
    MOST = 1e6
    LEAST_PART = 1e-3

    def __init__(self, start: float) -> None:
        self.start = self.rate = start
        self.held, self.held_times = 0.0, 0
        self.failed, self.failed_times = math.inf, 0
        self._steps = 0
        self._stride = 2.0
        self._phase = self._rising

    @property
    def done(self) -> bool:
        return self._phase == self._done

    def take(self, held: bool) -> None:
        """Whether the condition held in the step that was due."""
        self._steps += 1
        if self._steps >= self.MOST_STEPS:
            if held and self.held < self.rate < self.failed:
                self._set_held()
            self._phase = self._done
        else:
            self._phase(held)

    def _set_held(self) -> None:
        self.held, self.held_times = self.rate, 1

    def _set_failed(self) -> None:
        self.failed, self.failed_times = self.rate, 1

    def _go(self, up: bool) -> None:
        self.rate = min(self.rate * self._stride, self.MOST) if up else self.rate / self._stride
        self._stride = min(2.0, self._stride * self._stride)

    def _turn(self, up: bool) -> None:
        self._phase = self._rising if up else self._falling
        self._stride = 1 + self.PRECISION
        self._go(up)

    def _go_on_between(self) -> None:
        if self.failed <= self.held * (1 + self.PRECISION):
            self._confirm()
        else:
            self._phase = self._halving
            self.rate = math.sqrt(self.held * self.failed)

    def _confirm(self) -> None:
        if self.held_times < self.REPEATS:
            self._phase, self.rate = self._confirming, self.held
        elif self.failed_times < 2 and math.isfinite(self.failed):
            self._phase, self.rate = self._doubting, self.failed
        else:
            self._phase = self._done

    def _rising(self, held: bool) -> None:
        if held:
            self._set_held()
            if self.rate < self.MOST:
                self._go(True)
            else:
                self._confirm()
        else:
            self._set_failed()
            if self.held > 0:
                self._go_on_between()
            else:
                self._phase = self._falling
                self._go(False)

    def _falling(self, held: bool) -> None:
        if held:
            self._set_held()
            self._go_on_between()
        else:
            self._set_failed()
            self._go(False)
            if self.rate < self.start * self.LEAST_PART:
                self._phase = self._done

    def _halving(self, held: bool) -> None:
        if held:
            self._set_held()
        else:
            self._set_failed()
        self._go_on_between()

    def _confirming(self, held: bool) -> None:
        if held:
            self.held_times += 1
            self._confirm()
        else:
            self._set_failed()
            self.held = 0.0
            self._turn(False)

    def _doubting(self, held: bool) -> None:
        if held:
            self._set_held()
            self.failed, self.failed_times = math.inf, 0
            self._turn(True)
        else:
            self.failed_times += 1
            self._confirm()

    def _done(self, held: bool) -> None:
        pass


def shown(number: float) -> str:
    return f"{number:.3g}" if number < 100 else f"{number:.0f}"


class FindMax:
    """The search, in a greenlet of the master's, while a test runs."""

    def __init__(self, environment, needs: list[Threshold], start: float, step: float) -> None:
        self._environment = environment
        self._needs = needs
        self._step = step
        self._search = RateSearch(start)
        self._reason = ""
        self.spawned = Event()
        self._silent: set[str] = set()
        """Workers that have not reported in this step."""

    def reported(self, worker: str) -> None:
        self._silent.discard(worker)

    @property
    def found(self) -> bool:
        return self._search.held > 0

    def run(self) -> None:
        self._tell()
        self.spawned.wait()
        while not self._search.done:
            self._wait(max(self._step / 4, REPORTS_TAKE))
            before, begin = Figures.now(self._environment.runner.stats), time.monotonic()
            self._silent = {client.id for client in self._environment.runner.clients.running}
            self._wait(self._step)
            self._wait_for_reports()
            seconds = time.monotonic() - begin
            self._end_step(Figures.now(self._environment.runner.stats).since(before, seconds), seconds)
        logger.info("--find-max: %s", self.finding())
        end_test(self._environment)

    def _wait(self, seconds: float) -> None:
        """Says the rate again and again, for workers that come meanwhile."""
        while seconds > 0:
            self._tell()
            gevent.sleep(min(seconds, 1))
            seconds -= 1

    def _wait_for_reports(self) -> None:
        """A step may be shorter than the time between two reports: until each worker has sent one."""
        end = time.monotonic() + REPORTS_TAKE
        while self._silent and time.monotonic() < end:
            self._wait(0.1)

    def _tell(self) -> None:
        factor = self._search.rate / self._search.start
        self._environment.runner.send_message("katydid_rate_factor", {"factor": factor})

    def _end_step(self, came: Figures, seconds: float) -> None:
        rate, failed_before = self._search.rate, self._search.failed
        due, dropped = rate * seconds, came.dropped()
        reasons = (need.broken_by(came, at_the_end=True) for need in self._needs)
        why = next((reason for reason in reasons if reason), None)
        if why is None and dropped > due * TOLERATED_DROPS:
            why = f"{shown(dropped)} of {shown(due)} tasks were dropped, as no user was free"
        self._search.take(why is None)
        if why and self._search.failed <= failed_before:
            self._reason = why
        logger.info("--find-max: %s tasks/s: %s", shown(rate), why or "all requirements hold")

    def finding(self) -> str:
        search = self._search
        if not self.found:
            if not math.isfinite(search.failed):
                return "no step was measured to its end"
            return f"no rate held; the lowest that was tried is {shown(search.failed)} tasks/s ({self._reason})"
        text = (
            f"{shown(search.held)} tasks/s is the highest rate that held, in {search.held_times} steps of "
            f"{search.held_times}"
        )
        if not math.isfinite(search.failed):
            return f"{text}; no rate was found that did not"
        return (
            f"{text}; {shown(search.failed)} did not, in {search.failed_times} ({self._reason}). "
            "The limit lies between them"
        )


def end_test(environment) -> None:
    """As a test ends by itself: with the master where it runs without its web UI."""
    if environment.parsed_options.headless:
        environment.runner.quit()
    else:
        environment.runner.stop()


class Goals:
    """Of a master, or of a test without one, by its options."""

    def __init__(self, environment) -> None:
        self._environment = environment
        self._search: FindMax | None = None
        self._greenlets: list[gevent.Greenlet] = []
        self._ran = False
        self._stopped: float | None = None
        environment.events.test_start.add_listener(self._begin)
        environment.events.spawning_complete.add_listener(self._spawned)
        environment.events.worker_report.add_listener(self._reported)
        environment.events.test_stopping.add_listener(self._stopping)
        environment.events.test_stop.add_listener(self._end)
        environment.events.quitting.add_listener(self._judge)

    def _options(self) -> tuple[list[Threshold], list[Threshold], float, float]:
        """As they are now: the web UI's form has them, too. Raises ValueError."""
        options = self._environment.parsed_options
        limits = [Threshold(text) for text in lines(options.fail_if)]
        needs = requirements(options.find_max) if options.find_max else []
        start, step = float(options.find_max_start or 0), float(options.find_max_step or 10)
        if needs and not isinstance(self._environment.runner, MasterRunner):
            raise ValueError(
                "--find-max is for a master with Katydid's workers; one alone has its own: katydid --find-max"
            )
        if needs and not (start > 0 and step > 0):
            raise ValueError(
                "--find-max needs --find-max-start, the arrival rate that the user classes have together, with which "
                "the search begins, and a --find-max-step in seconds"
            )
        return limits, needs, start, step

    def check(self) -> None:
        try:
            self._options()
        except ValueError as error:
            raise SystemExit(f"goals.py: {error}") from None

    def _begin(self, **_) -> None:
        self._stop_greenlets()
        self._ran, self._search, self._stopped = True, None, None
        try:
            limits, needs, start, step = self._options()
        except ValueError as error:
            logger.error("%s: this test has no goals", error)
            return
        if any(limit.aborts for limit in limits):
            self._greenlets.append(gevent.spawn(self._watch, limits))
        if needs:
            self._search = FindMax(self._environment, needs, start, step)
            self._greenlets.append(gevent.spawn(self._search.run))

    def _spawned(self, **_) -> None:
        if self._search:
            self._search.spawned.set()

    def _reported(self, client_id: str, **_) -> None:
        if self._search:
            self._search.reported(client_id)

    def _watch(self, limits: list[Threshold]) -> None:
        while True:
            gevent.sleep(1)
            figures = Figures.now(self._environment.runner.stats)
            for limit in limits:
                if limit.aborts and (broken := limit.broken_by(figures, at_the_end=False)):
                    logger.error("--fail-if %s, so the test stops", broken)
                    return end_test(self._environment)

    def _stopping(self, **_) -> None:
        self._stopped = time.time()

    def _end(self, **_) -> None:
        self._stop_greenlets()

    def _stop_greenlets(self) -> None:
        for each in self._greenlets:
            if each is not gevent.getcurrent():
                each.kill(block=False)
        self._greenlets.clear()

    def _judge(self, **_) -> None:
        runner = self._environment.runner
        if runner.state in (STATE_SPAWNING, STATE_RUNNING):
            runner.stop()  # it is ended by a signal; what the workers still have is to come in
        try:
            limits, needs, *_ = self._options()
        except ValueError:
            return
        if not self._ran or not (limits or needs):
            return
        figures = Figures.now(runner.stats, self._stopped)
        broken = [why for limit in limits if (why := limit.broken_by(figures, at_the_end=True))]
        for why in broken:
            logger.error("--fail-if %s", why)
        if needs and self._search and not self._search.found:
            broken.append(self._search.finding())
        # Where goals are set, they decide, and not whether any request has failed.
        if self._environment.process_exit_code is None:
            self._environment.process_exit_code = 1 if broken else 0


def lines(given) -> list[str]:
    """Of an option that may come several times, or as lines of the form's field."""
    texts = given if isinstance(given, list) else [given or ""]
    return [line.strip() for text in texts for line in text.splitlines() if line.strip()]


@events.init_command_line_parser.add_listener
def add_options(parser) -> None:
    parser.add_argument(
        "--fail-if",
        action="append",
        default=[],
        env_var="KATYDID_FAIL_IF",
        metavar="<condition>",
        include_in_web_ui=False,
        help="the test has failed, such as 'p99(GET /hello) > 200ms' or 'fail_ratio > 1%% abort'; may be repeated",
    )
    parser.add_argument(
        "--find-max",
        default="",
        env_var="KATYDID_FIND_MAX",
        metavar="<requirements>",
        help="search for the highest arrival rate at which they hold: 'p95 < 300ms, fail_ratio < 1%%'",
    )
    parser.add_argument(
        "--find-max-start",
        type=float,
        default=0.0,
        env_var="KATYDID_FIND_MAX_START",
        metavar="<tasks/s>",
        help="the arrival rate that the user classes have together, with which that search begins",
    )
    parser.add_argument(
        "--find-max-step",
        type=float,
        default=10.0,
        env_var="KATYDID_FIND_MAX_STEP",
        metavar="<seconds>",
        help="how long each rate is measured",
    )


@events.init.add_listener
def set_goals(environment, **_) -> None:
    if not isinstance(environment.runner, WorkerRunner):
        Goals(environment).check()
