#!/usr/bin/env python3
"""Feeds made-up samples to Locust's own statistics and writes what it reports and prints.

    .venv/locust-2.47.0/bin/python tools/golden/locust_statistics.py

Writes to tests/worker/statistics/data/: statistics_samples.tsv (the samples), statistics_report.json (what a Python worker sends
to its master for them), statistics_console.txt (the tables of a run without a master).
"""

import json
import pathlib
import random

from locust import stats

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/worker/statistics/data"
START = 1_790_000_000.25
MIDDLE = 15.0  # seconds after the start: a table while the test is running
WIDTHS = (80, 37, 0)

REQUESTS = [
    # method, name, median response time in ms
    ("GET", "/hello", 0.4),
    ("GET", "/items/[id]", 7),
    ("POST", "/items/[id]", 45),
    ("GET", "/Straße/日本語", 130),
    ("DELETE", "/a/name/that/is/longer/than/the/column/of/names/" + "and/goes/on/" * 4, 900),
    ("report", "nightly", 40_000),
    ("", "no method", 3),
]
ERRORS = [
    "404 Not Found",
    "CatchResponseError('not added')",
    "CatchResponseError('länger: " + "x" * 120 + "')",
    "connection refused: 127.0.0.1:8080",
]


def make_samples():
    """(ns since the start, method, name, response time in ns or None, length, error or "")."""
    generator = random.Random(20)
    at = 0
    for _ in range(700):
        at += int(generator.expovariate(25) * 1e9)
        method, name, median = generator.choice(REQUESTS)
        response_time = int(generator.lognormvariate(0, 0.7) * median * 1e6)
        if name == "no method":
            response_time = None
        error = generator.choice(ERRORS) if generator.random() < 0.1 else ""
        yield at, method, name, response_time, generator.randrange(100_000), error


def feed(statistics, samples):
    for at, method, name, response_time, length, error in samples:
        stats.time.now = START + at / 1e9
        statistics.log_request(method, name, None if response_time is None else response_time / 1e6, length)
        if error:
            statistics.log_error(method, name, error)


def console(lines_of, *arguments, **options):
    """The text of one of the print_ functions, which only ever log what these return."""
    text = ""
    for width in WIDTHS:
        stats.STATS_NAME_WIDTH = width
        text += f"== {lines_of.__name__} {width} {options}\n"
        text += "".join(line + "\n" for line in lines_of(*arguments, **options))
    return text


class Clock:
    """Stands for the module `time` in locust.stats."""

    now = START

    def time(self):
        return self.now


stats.time = Clock()
samples = list(make_samples())
with (OUTPUT / "statistics_samples.tsv").open("w", encoding="utf-8") as file:
    for sample in samples:
        file.write("\t".join("none" if field is None else str(field) for field in sample) + "\n")

local = stats.RequestStats()
text = console(stats.get_stats_summary, local, current=True)  # nothing has happened yet
text += console(stats.get_percentile_stats_summary, local)
feed(local, [sample for sample in samples if sample[0] < MIDDLE * 1e9])
text += console(stats.get_stats_summary, local, current=True)
feed(local, [sample for sample in samples if sample[0] >= MIDDLE * 1e9])
text += console(stats.get_stats_summary, local, current=False)
text += console(stats.get_percentile_stats_summary, local)
text += console(stats.get_error_report_summary, local)
(OUTPUT / "statistics_console.txt").write_text(text, encoding="utf-8")

stats.time.now = START
worker = stats.RequestStats(use_response_times_cache=False)
feed(worker, samples)
report = {
    "stats": worker.serialize_stats(),
    "stats_total": worker.total.get_stripped_report(),
    "errors": list(worker.serialize_errors().values()),
}
(OUTPUT / "statistics_report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
print(f"wrote {len(samples)} samples and Locust's answers to {OUTPUT}")
