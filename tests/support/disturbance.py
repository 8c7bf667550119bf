"""Runs a failed test once more where the machine itself was disturbed meanwhile, and says so at the end.

A host may suspend a virtual machine, set its clock, or give its processors to others. What a test then finds of times
is the machine's. A test that fails on a machine that ran well has failed, and so has one that fails twice.
"""

from __future__ import annotations

import pathlib
import time
from typing import Any, NamedTuple

import pytest
from _pytest.runner import runtestprotocol

PROPERTY = "why it was run again"
CLOCK_SET = 0.25  # seconds
STOLEN = 0.1  # of the machine's time
TOO_LONG = 300  # seconds: what is run for long by hand is not begun anew


class Moment(NamedTuple):
    wall: float
    steady: float
    stolen: int
    ticks: int


def now() -> Moment:
    stolen, ticks = 0, 0
    stat = pathlib.Path("/proc/stat")
    if stat.exists():
        counts = [int(each) for each in stat.read_text().split("\n", 1)[0].split()[1:9]]
        stolen, ticks = counts[7], sum(counts)
    return Moment(time.time(), time.monotonic(), stolen, ticks)


def between(before: Moment, after: Moment) -> str:
    """What disturbed the machine, or nothing."""
    jump = (after.wall - before.wall) - (after.steady - before.steady)
    if abs(jump) > CLOCK_SET:
        return f"the clock was set by {jump:+.1f} s"
    stolen = (after.stolen - before.stolen) / max(after.ticks - before.ticks, 1)
    if stolen > STOLEN:
        return f"its host had {100 * stolen:.0f} % of the processors' time"
    return ""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: Any, nextitem: pytest.Item | None) -> bool:
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    before = now()
    reports = runtestprotocol(item, log=False, nextitem=nextitem)
    after = now()
    disturbance = between(before, after) if after.steady - before.steady < TOO_LONG else ""
    if disturbance and any(report.failed for report in reports):
        item._initrequest()
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
        for report in reports:
            report.user_properties.append((PROPERTY, disturbance))
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reports in terminalreporter.stats.values():
        for report in reports:
            why = dict(getattr(report, "user_properties", ())).get(PROPERTY)
            if why and report.when == "call":
                terminalreporter.write_line(f"run again, as {why} while it failed: {report.nodeid}")
