"""Options and fixtures. Run it through tools/test, or by hand from the environment that tools/setup made."""
import concurrent.futures
import shutil

import pytest
from disturbance import pytest_runtest_protocol, pytest_terminal_summary

from harness.fixtures import add_programs, opened, pytest_runtest_makereport, raise_descriptor_limit
from harness.releases import releases

__all__ = ["pytest_runtest_makereport", "pytest_runtest_protocol", "pytest_terminal_summary"]
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def pytest_configure():
    raise_descriptor_limit()


def pytest_addoption(parser):
    group = parser.getgroup("katydid")
    group.addoption("--all-releases", action="store_true", help="try the core tests with every Locust release")
    group.addoption("--release", help="try every test with this Locust release only")
    group.addoption("--slow", action="store_true", help="also what takes long or needs much")
    group.addoption("--browser", action="store_true", help="only what looks at the web interface in a browser")
    group.addoption("--worker", choices=["katydid", "python"], default="katydid", help="whom the tests try")
    add_programs(group)


def pytest_generate_tests(metafunc):
    if "release" not in metafunc.fixturenames:
        return
    config, known = metafunc.config.option, releases()
    if config.release:
        chosen = [config.release]
    elif config.all_releases and metafunc.definition.get_closest_marker("core"):
        chosen = known
    else:
        chosen = known[:1]
    metafunc.parametrize("release", chosen, scope="session")


def pytest_collection_modifyitems(config, items):
    for item in items:
        if bool(item.get_closest_marker("browser")) != config.option.browser:
            item.add_marker(pytest.mark.skip(reason="looks at pages in a browser: those run with --browser alone"))
        if item.get_closest_marker("slow") and not config.option.slow:
            item.add_marker(pytest.mark.skip(reason="slow: runs with --slow"))
        if item.get_closest_marker("katydid") and config.option.worker == "python":
            item.add_marker(pytest.mark.skip(reason="shows what a Python worker does not promise"))


@pytest.fixture
def lab(request, release, tmp_path):
    yield from opened(request, release, tmp_path, request.config.option.worker)


@pytest.fixture
def running(lab):
    """(master, target, worker) with the worker ready; `master` and `worker` take what their constructors take."""

    def start(users, locustfile="load", worker_options=(), **master_arguments):
        target = lab.target()
        master = lab.master(locustfile, users=users, **master_arguments)
        worker = lab.worker(locustfile, master.port, worker_options)
        master.wait_for_workers(1)
        return master, target, worker

    return start


@pytest.fixture
def pool():
    """For what blocks until something else happens."""
    with concurrent.futures.ThreadPoolExecutor() as executor:
        yield executor


@pytest.fixture
def page():
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not program:
        pytest.fail(f"no browser here: looked for {', '.join(BROWSERS)}", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(20_000)
        yield page
        browser.close()
