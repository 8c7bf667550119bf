"""The master's web interface as a person sees it, in a real Chromium. Runs with --browser, from .venv/browser.

Pictures of the pages are left in build/web-ui.
"""
import re

import pytest

from harness.lab import ROOT
from harness.wait import eventually

pytestmark = pytest.mark.browser
USERS = 20


class WebUi:
    """The pages of Locust's web interface, by the words on them."""

    def __init__(self, page, url):
        self._page = page
        self._pictures = ROOT / "build" / "web-ui"
        self._pictures.mkdir(parents=True, exist_ok=True)
        page.goto(url)

    def start(self, users, rate):
        self._page.locator("input[name=userCount]").fill(str(users))
        self._page.locator("input[name=spawnRate]").fill(str(rate))
        self._page.get_by_role("button", name=re.compile("^start", re.I)).click()

    def stop(self):
        self._page.get_by_role("button", name=re.compile("^stop$", re.I)).click()

    def new_test(self, users, rate):
        self._page.get_by_role("button", name=re.compile("^new$", re.I)).click()
        self.start(users, rate)

    def open(self, tab):
        self._page.get_by_role("tab", name=re.compile(f"^{tab}", re.I)).click()

    def unfold(self, heading):
        """`heading` less the characters that the page leaves out."""
        self._page.get_by_role("button", name=re.compile(heading, re.I)).click()

    def picture(self, name):
        self._page.screenshot(path=self._pictures / f"{name}.png")

    def text(self):
        return self._page.locator("body").inner_text()

    def rows(self):
        """The cells of each row of the page's table."""
        lines = self._page.locator("table tbody tr").all()
        return [[cell.strip() for cell in line.locator("td").all_inner_texts()] for line in lines]

    def wait_for_row(self, what, *cells):
        """A row that has these cells, each a regular expression."""

        def there():
            return next((r for r in self.rows() if all(any(re.search(c, cell) for cell in r) for c in cells)), None)

        return eventually(there, f"{what}: a row with {cells}; the page has {self.rows()}")

    def wait_for_text(self, what, pattern):
        return eventually(lambda: re.search(pattern, self.text()), f"{what}: {pattern}")

    def painted_charts(self):
        """How many charts have drawn something."""
        return self._page.evaluate(
            """() => [...document.querySelectorAll('canvas')].filter(c => {
                 const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                 return data.some(byte => byte !== 0);
               }).length"""
        )


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
