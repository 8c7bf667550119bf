"""What can be known of deploy/ without containers; tools/fleet builds and runs them."""

import difflib
import re

import pytest

from harness.lab import ROOT
from harness.releases import releases

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
    assert f"ARG LOCUST_VERSION={newest}\n" in (DEPLOY / "master.Dockerfile").read_text()


def test_the_image_has_the_version_of_the_project():
    version = re.search(r"project\(katydid VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())[1]
    assert f"ARG KATYDID_VERSION={version}\n" in (ROOT / "Dockerfile").read_text()
