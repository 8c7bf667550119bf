#!/usr/bin/env python3
"""Writes tests/worker/statistics/data/response_time_keys.tsv: how Python rounds response times, asked of Locust itself.

    .venv/locust-2.47.0/bin/python tools/golden/response_time_keys.py

One line for each key: rounding, the first nanosecond that is rounded to it, the key in microseconds. Rounding is
monotonic, so these lines tell the key of every response time up to the last one.
"""

import pathlib

from locust.stats import bucket_response_time

OUTPUT = pathlib.Path(__file__).parents[2] / "tests/worker/statistics/data/response_time_keys.tsv"
END_NS = 150_000_000_000


def locust(ns):
    """Python's keys, for --locust-rounding."""
    return 1000 * bucket_response_time(ns / 1e6)


def fine(ns):
    """Katydid's own: below 10 ms, what Locust does to milliseconds is done to microseconds."""
    return bucket_response_time(ns / 1e3) if ns < 10_000_000 else locust(ns)


def first_with_another_key(rounding, ns):
    """Bisects for the end of the run of equal keys that begins at ns."""
    key, step = rounding(ns), 1
    while rounding(ns + step) == key:
        step *= 2
    low, high = ns + step // 2, ns + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if rounding(middle) == key else (low, middle)
    return high


with OUTPUT.open("w") as file:
    for rounding in (locust, fine):
        ns = 0
        while ns < END_NS:
            file.write(f"{rounding.__name__}\t{ns}\t{rounding(ns)}\n")
            ns = first_with_another_key(rounding, ns)
print(f"wrote {OUTPUT}")
