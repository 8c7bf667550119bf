"""Waiting for a condition instead of sleeping and hoping."""
import time

import pytest


def eventually(check, what, timeout=30.0, every=0.05):
    """The first true value of check(); fails the test when none came in `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"waited {timeout:g} s in vain: {what} (the last look gave {value!r})")
        time.sleep(every)


def settled(read, what, quiet=1.5, timeout=30.0):
    """The value of read() once it has not changed for `quiet` seconds."""
    last, since, deadline = read(), time.monotonic(), time.monotonic() + timeout
    while time.monotonic() - since < quiet:
        value = read()
        if value != last:
            last, since = value, time.monotonic()
        if time.monotonic() > deadline:
            pytest.fail(f"{what} still changes after {timeout:g} s (now {last!r})")
        time.sleep(0.05)
    return last
