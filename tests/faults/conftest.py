"""Options and fixtures of the fault lab. Run it through tools/test --faults, or by hand from the tests' environment."""

import random
import time

import pytest
from harness.fixtures import add_programs, opened, pytest_runtest_makereport, raise_descriptor_limit
from harness.releases import releases
from modes import MODES
from world import World

__all__ = ["pytest_runtest_makereport"]


def pytest_configure():
    raise_descriptor_limit()


def pytest_addoption(parser):
    group = parser.getgroup("faults")
    add_programs(group)
    group.addoption("--slow", action="store_true", help="also what takes long or needs much")
    group.addoption("--seconds", type=float, default=60, help="how long scenarios are drawn for (default: %(default)s)")
    group.addoption("--seed", type=int, help="what chance begins with (default: another number each time)")
    group.addoption("--scenario", help="only this one, as a failure prints it")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if item.get_closest_marker("slow") and not config.option.slow:
            item.add_marker(pytest.mark.skip(reason="slow: runs with --slow"))


@pytest.fixture
def lab(request, tmp_path):
    yield from opened(request, releases()[0], tmp_path)


@pytest.fixture
def world(lab):
    """Makes a world of a mode, with options for the worker, and for the master."""
    made = []

    def make(mode, *worker_options, **arguments):
        made.append(World(lab, MODES.get(mode, mode), *worker_options, **arguments))
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
