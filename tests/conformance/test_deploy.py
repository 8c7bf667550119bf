"""What can be known of deploy/ without containers; tools/fleet builds and runs them."""

import difflib
import re

import pytest
from ports import free_port

from harness.lab import ROOT
from harness.releases import releases
from harness.table import last_table

DEPLOY = ROOT / "deploy"


@pytest.mark.katydid
def test_the_masters_locustfile_is_printed_from_the_workers(lab):
    printed = lab.printed_locustfile(DEPLOY / "locustfile.cpp").read_text()
    kept = (DEPLOY / "locustfile.py").read_text()
    difference = "".join(difflib.unified_diff(kept.splitlines(True), printed.splitlines(True), "deploy", "printed"))
    assert not difference, f"print it again, see docs/deploy.md:\n{difference}"


def test_the_fleets_master_is_the_newest_that_is_tested():
    newest = releases()[0]
    assert f"locustio/locust:{newest}}}" in (DEPLOY / "compose.yaml").read_text()
    for file in ("master.Dockerfile", "python.Dockerfile"):
        assert f"ARG LOCUST_VERSION={newest}\n" in (DEPLOY / file).read_text()


def test_the_image_has_the_version_of_the_project():
    version = re.search(r"project\(katydid VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert f"ARG KATYDID_VERSION={version}\n" in (ROOT / "Dockerfile").read_text()


def rendered_arguments(case, container):
    """What the Helm chart starts a container with."""
    rendered = (ROOT / "tests" / "chart" / "golden" / f"{case}.yaml").read_text()
    pattern = rf"- name: {container}\n.*?args:\n((?: +- [^\n]*\n)+)"
    lines = re.search(pattern, rendered, re.DOTALL)[1].splitlines()
    return [re.sub(r" +#.*", "", line.strip().removeprefix("- ")).strip('"') for line in lines]


@pytest.mark.katydid
@pytest.mark.parametrize("case", ["headless", "web"])
def test_the_chart_starts_a_test(lab, case):
    """Its command lines for master and worker, with the addresses of this machine: all requests are counted."""
    target = lab.target()
    hello = ROOT / "examples" / "hello.cpp"
    port = free_port()
    files = f"{lab.printed_locustfile(hello)},{DEPLOY / 'goals.py'}"
    changed = {"locustfile": files, "users": 10, "spawn-rate": 10, "run-time": "3s"}
    changed |= {"host": target.url, "expect-workers": 1, "csv": lab.folder / "run"}

    def adapted(arguments, changes):
        names = [each.partition("=")[0].removeprefix("--") for each in arguments]
        return [f"--{name}={changes[name]}" if name in changes else each for name, each in zip(names, arguments)]

    master = adapted(rendered_arguments("headless", "master"), changed)
    binding = ["--master-bind-host=127.0.0.1", f"--master-bind-port={port}", "--only-summary"]
    master = lab.run("master", [lab.locust, *master, *binding])
    worker = adapted(rendered_arguments(case, "worker"), {"master-host": "127.0.0.1"})
    if case == "headless":
        assert worker[1] == "--locustfile=/mnt/locust/users.cpp"
        worker[1] = f"--locustfile={hello}"
    else:
        assert worker[1] == "--locustfile=-"
    worker = lab.run("worker", [lab.katydid, *worker, f"--master-port={port}"])
    assert master.wait(120) == 0
    assert worker.wait(60) == 0, "a job would start it again"
    assert last_table(master.output())["Aggregated"] == (target.completed, 0)
    assert target.completed > 100
