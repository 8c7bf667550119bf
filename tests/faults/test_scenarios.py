"""Faults that chance draws, for a bounded time: tools/test --faults SECONDS."""

import time
import traceback
from types import SimpleNamespace

import pytest
from harness.lab import Lab
from harness.releases import releases
from scenarios import Scenario, drawn, run

LANES = 4
"""So many scenarios at a time."""


def lab_in(request, folder):
    folder.mkdir()
    option = request.config.option
    return Lab(SimpleNamespace(worker="katydid", katydid=option.katydid, target=option.target), releases()[0], folder)


def attempt(scenario, request, folder):
    """What went wrong, or nothing."""
    lab = lab_in(request, folder)
    try:
        run(scenario, lab)
    except (Exception, pytest.fail.Exception):
        logs = "".join(f"\n--- {name}: {command}\n{output}" for name, command, output in lab.outputs())
        return f"{traceback.format_exc()}{logs}\n=== FAILED: {scenario}\n=== once more: {scenario.command}\n"
    finally:
        lab.close()
    return None


@pytest.mark.timeout(0)
@pytest.mark.parametrize("lane", range(LANES))
def test_drawn(request, tmp_path, seed, lane):
    option = request.config.option
    if option.scenario:
        if lane:
            pytest.skip("one scenario was asked for")
        failure = attempt(Scenario.parse(option.scenario), request, tmp_path / "once")
        if failure:
            pytest.fail(failure, pytrace=False)
        return
    end = time.monotonic() + option.seconds
    tried, failures = [], []
    for scenario in drawn(f"{seed}-{lane}"):
        if time.monotonic() > end:
            break
        began = time.monotonic()
        failure = attempt(scenario, request, tmp_path / str(len(tried)))
        tried.append(f"{'FAILED' if failure else 'passed'} {time.monotonic() - began:5.1f} s  {scenario}")
        failures += [failure] if failure else []
    print(f"seed {seed}, lane {lane}: {len(tried)} scenarios, {len(failures)} failed", *tried, sep="\n")
    if failures:
        pytest.fail("\n".join(failures), pytrace=False)
