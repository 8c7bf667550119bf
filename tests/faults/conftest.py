"""Options and fixtures of the fault lab. Run it through tools/test --faults, or by hand from the tests' environment."""

import random
import time
import zlib

import pytest
from disturbance import pytest_runtest_protocol, pytest_terminal_summary
from harness.fixtures import add_programs, opened, pytest_runtest_makereport, raise_descriptor_limit
from harness.releases import releases
from modes import MODES
from world import World

__all__ = ["pytest_runtest_makereport", "pytest_runtest_protocol", "pytest_terminal_summary"]


def pytest_configure():
    raise_descriptor_limit()


def pytest_addoption(parser):
    group = parser.getgroup("faults")
    add_programs(group)
    group.addoption("--slow", action="store_true", help="also what takes long or needs much")
    group.addoption("--all-modes", action="store_true", help="each fixed test in all its modes, not in one of them")
    group.addoption("--seconds", type=float, default=60, help="how long scenarios are drawn for (default: %(default)s)")
    group.addoption("--seed", type=int, help="what chance begins with (default: another number each time)")
    group.addoption("--scenario", help="only this one, as a failure prints it")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if item.get_closest_marker("slow") and not config.option.slow:
            item.add_marker(pytest.mark.skip(reason="slow: runs with --slow"))
    if not config.option.all_modes:
        _leave_one_mode_of_each(items)


def _leave_one_mode_of_each(items):
    """Of tests that differ in nothing else: another mode for another test, the same in each run."""
    alike = {}
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        mode = parameters.get("mode") or parameters.get("client")
        if mode:
            alike.setdefault(item.nodeid.replace(mode, ""), []).append(item)
    for name, group in alike.items():
        for item in group:
            if item is not group[zlib.crc32(name.encode()) % len(group)]:
                item.add_marker(pytest.mark.skip(reason="one mode of each: all of them run with --all-modes"))


@pytest.fixture
def lab(request, tmp_path):
    yield from opened(request, releases()[0], tmp_path)


@pytest.fixture
def world(lab):
    """Makes a world of a mode, with options for the worker, and for the master."""
    made = []

    def make(mode, *worker_options, **arguments):
        made.append(World(lab, MODES[mode] if isinstance(mode, str) else mode, *worker_options, **arguments))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def begun():
    return time.monotonic()


@pytest.fixture(scope="session")
def seed(request):
    given = request.config.option.seed
    return random.SystemRandom().randrange(2**32) if given is None else given
