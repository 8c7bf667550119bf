"""The pages of Locust's web interface, in a browser."""
import re

import pytest

from .lab import ROOT
from .wait import eventually


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
        try:
            return eventually(lambda: re.search(pattern, self.text()), f"{what}: {pattern}")
        except pytest.fail.Exception as error:
            raise AssertionError(f"{error}; the page has:\n{self.text()}") from None

    def painted_charts(self):
        """How many charts have drawn something."""
        return self._page.evaluate(
            """() => [...document.querySelectorAll('canvas')].filter(c => {
                 const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                 return data.some(byte => byte !== 0);
               }).length"""
        )

    def choose_classes(self, *names):
        """In the class picker, where all are chosen at first."""
        for row in self._page.locator("table tbody tr").all():
            chosen = row.locator("input[type=checkbox]")
            if row.locator("td").nth(1).inner_text().strip() not in names:
                chosen.click()

    def offered_classes(self):
        rows = self._page.locator("table tbody tr").all()
        return [row.locator("td").nth(1).inner_text().strip() for row in rows]

    def edit(self, users, rate):
        """Of the test that runs."""
        self._page.get_by_role("button", name=re.compile("^edit$", re.I)).click()
        form = self._page.get_by_role("dialog").or_(self._page.get_by_role("presentation")).last
        form.locator("input[name=userCount]").fill(str(users))
        form.locator("input[name=spawnRate]").fill(str(rate))
        form.get_by_role("button", name=re.compile("^update|^save|^start|^edit", re.I)).last.click()

    def download(self, link):
        """What is behind a link of the page, as the browser gets it."""
        address = self._page.get_by_role("link", name=re.compile(f"^{link}$", re.I)).evaluate("each => each.href")
        answer = self._page.request.get(address)
        assert answer.ok, f"{address}: {answer.status}"
        return answer.text()
