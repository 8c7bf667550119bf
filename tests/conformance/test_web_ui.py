"""The master's web interface as a person sees it, in a real Chromium. Runs with --browser, from .venv/browser.

Pictures of the pages are left in build/web-ui.
"""
import csv
import re

import pytest

from harness.wait import eventually
from harness.web_ui import WebUi

pytestmark = pytest.mark.browser
USERS = 20


def test_every_page_shows_the_worker(lab, page):
    target = lab.target()
    master = lab.master("shown", options=["--host", target.url])
    lab.worker("shown", master.port)
    [worker] = master.wait_for_workers(1)
    # The page takes the number of workers from this report too, which the master keeps for two seconds; one from before
    # the worker came would leave the form disabled for good.
    eventually(lambda: master.report()["workers"], "the page will see the worker")
    ui = WebUi(page, master.web)

    ui.start(USERS, rate=20)
    ui.open("statistics")
    ui.wait_for_row("requests", "^GET$", "^/hello$", r"^[1-9]\d{2,}$")
    ui.wait_for_row("failed requests", "^GET$", "^/broken$")
    ui.wait_for_row("the sum", "^Aggregated$")
    ui.wait_for_text("the head", r"RUNNING")
    ui.picture("statistics")

    ui.open("charts")
    ui.wait_for_text("the head", r"RPS\s+[1-9]")
    eventually(lambda: ui.painted_charts() >= 3, "requests per second, response times and users are drawn")
    ui.picture("charts")

    ui.open("failures")
    ui.wait_for_row("a failure", "^GET$", "^/broken$", "500", r"^[1-9]\d*$")
    ui.picture("failures")

    ui.open("exceptions")
    ui.wait_for_row("an exception", "this task is broken", r"^[1-9]\d*$")
    ui.picture("exceptions")

    ui.open("workers")
    ui.wait_for_row("the worker", re.escape(worker["id"]), "^running$", f"^{USERS}$", r"MB")
    ui.picture("workers")

    ui.open("logs")
    ui.unfold(re.sub(r"\W|_", "", worker["id"]))
    ui.wait_for_text("the worker's own lines", r"ERROR/katydid\S*: .*this task is broken")
    ui.picture("logs")

    ui.stop()
    ui.wait_for_text("the head", "STOPPED")
    master.wait_for_workers(1)
    ui.open("statistics")
    ui.wait_for_row("all that the target served", "^Aggregated$", f"^{target.counts()['completed']}$")
    ui.picture("stopped")

    ui.new_test(5, rate=5)
    ui.wait_for_text("the next test", "RUNNING")
    ui.open("workers")
    ui.wait_for_row("the worker in the next test", "^running$", "^5$")


def test_a_test_from_the_class_picker_to_its_report(lab, page):
    """One of two classes is chosen, the number of users is changed while they run, and what is downloaded in the end has
    all that the target served."""
    target = lab.target()
    master = lab.master("picked", options=["--host", target.url, "--class-picker"])
    lab.worker("picked", master.port)
    master.wait_for_workers(1)
    eventually(lambda: master.report()["workers"], "the page will see the worker")
    ui = WebUi(page, master.web)
    assert ui.offered_classes() == ["BuyerUser", "VisitorUser"]
    ui.choose_classes("VisitorUser")
    ui.picture("class-picker")

    ui.start(4, rate=20)
    ui.wait_for_text("the head", "RUNNING")
    ui.open("workers")
    ui.wait_for_row("the worker", "^running$", "^4$")
    ui.open("current ratio")
    of_the_class = [r"Ratio Per Class", r"100\.0% VisitorUser", r"25\.0% Searching", r"50\.0% narrow", r"50\.0% wide"]
    ui.wait_for_text("the ratios", r"\s+".join([*of_the_class, r"75\.0% looks", "Total Ratio"]))
    ui.picture("ratios")

    ui.edit(10, rate=20)
    ui.open("workers")
    ui.wait_for_row("the worker with more", "^running$", "^10$")
    ui.edit(3, rate=20)
    ui.wait_for_row("the worker with fewer", "^running$", "^3$")
    ui.wait_for_text("the head", r"(?i)users\s+3\b")
    ui.picture("edited")

    ui.stop()
    ui.wait_for_text("the head", "STOPPED")
    master.wait_for_workers(1)
    served = target.counts()["completed"]
    ui.open("statistics")
    ui.wait_for_row("all that the target served", "^Aggregated$", f"^{served}$")
    assert not [row for row in ui.rows() if "/bought" in row], "that class was not chosen"

    ui.open("download data")
    ui.picture("download")
    requests = list(csv.DictReader(ui.download("download requests csv").splitlines()))
    counted = {row["Name"]: int(row["Request Count"]) for row in requests}
    assert counted.pop("Aggregated") == sum(counted.values()) == served
    assert set(counted) == {"/hello", "/broken", "/bytes/[size]"}
    [failure] = csv.DictReader(ui.download("download failures csv").splitlines())
    assert (failure["Name"], failure["Occurrences"]) == ("/broken", str(counted["/broken"]))
    assert "500" in failure["Error"]
    [exception] = csv.DictReader(ui.download("download exceptions csv").splitlines())
    assert "this task is broken" in exception["Message"]
    report = ui.download("download report")
    for words in ("VisitorUser", "/bytes/[size]", "this task is broken", '"total": '):
        assert words in report, words
