"""What suites with a Lab share: where its programs are, and what its processes have said when a test fails."""
import pathlib
import resource
from types import SimpleNamespace

import pytest

from .lab import ROOT, Lab

ENOUGH_DESCRIPTORS = 65536


def raise_descriptor_limit():
    """The target and the workers inherit it: 5,000 users need more connections than many systems give by default."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = ENOUGH_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, ENOUGH_DESCRIPTORS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (enough, hard))


def add_programs(group):
    build = ROOT / "build" / "release"
    group.addoption("--katydid", default=str(build / "katydid"), help="the program (default: %(default)s)")
    group.addoption("--target", default=str(build / "katydid-target"), help="the target (default: %(default)s)")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    lab = getattr(item, "lab", None)
    if report.when == "call" and report.failed and lab:
        for name, command, output in lab.outputs():
            report.sections.append((f"{name}: {command}", output))


def opened(request, release, folder, worker="katydid"):
    """The lab of a test, until that is over."""
    option = request.config.option
    for program in [option.target, *([option.katydid] if worker == "katydid" else [])]:
        if not pathlib.Path(program).exists():
            pytest.fail(f"{program} does not exist; build it first (tools/test does)", pytrace=False)
    options = SimpleNamespace(worker=worker, katydid=option.katydid, target=option.target)
    request.node.lab = Lab(options, release, folder)
    yield request.node.lab
    request.node.lab.close()
