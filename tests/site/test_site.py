"""The documentation site: built without a network, all links lead somewhere, nothing is fetched from elsewhere."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FETCHED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a page of HTML links to, what a browser fetches for it, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.fetched: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.anchors |= {value for name in ("id", "name") if (value := values.get(name))}
        if tag == "a" and (target := values.get("href")):
            self.links.add(target)
        if (name := FETCHED.get(tag)) and (target := values.get(name)):
            self.fetched.add(target)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    nowhere = "http://127.0.0.1:9"  # whatever asks for something outside gets an error
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "yes", "HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere}
    built = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="session")
def pages(site: pathlib.Path) -> dict[str, Page]:
    return {path.relative_to(site).as_posix(): Page(path.read_text()) for path in site.rglob("*.html")}


def test_every_page_of_docs_is_there(pages: dict[str, Page]) -> None:
    for path in (ROOT / "docs").rglob("*.md"):
        name = path.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        assert name.replace("README.html", "index.html") in pages


def test_links_lead_somewhere(site: pathlib.Path, pages: dict[str, Page]) -> None:
    """As a browser follows them: to a file of the site, and to an anchor that it has."""
    followed, wrong = 0, []
    for name, page in pages.items():
        if name == "404.html":
            continue  # its links begin at the root of a server
        for link in page.links | page.fetched:
            parts = urlsplit(link)
            if parts.scheme in {"http", "https", "mailto", "data"}:
                continue
            followed += 1
            target = (site / name).parent / unquote(parts.path) if parts.path else site / name
            target = target / "index.html" if target.is_dir() else target
            file = os.path.relpath(target.resolve(), site.resolve())
            if not target.is_file() or (parts.fragment and unquote(parts.fragment) not in pages[file].anchors):
                wrong.append(f"{name}: {link}")
    assert not wrong
    assert followed > 1000


def test_nothing_is_fetched_from_elsewhere(pages: dict[str, Page]) -> None:
    for name, page in pages.items():
        for link in page.fetched:
            assert not urlsplit(link).netloc, f"{name} fetches {link}"


def test_the_references_have_what_users_call(site: pathlib.Path) -> None:
    cpp, python = (Page((site / f"reference-{language}.html").read_text()) for language in ("cpp", "python"))
    assert {"fasthttpuser", "katydid_user", "response", "tcpclient", "csvfeeder", "taskgroup"} <= cpp.anchors
    assert {"katydid.AsyncUser", "katydid.HttpClient", "katydid.CsvFeeder", "katydid.User.on_start"} <= python.anchors


def test_the_reference_of_python_has_all_names() -> None:
    namespace: dict[str, list[str]] = {}
    source = (ROOT / "python" / "katydid" / "__init__.py").read_text()
    exec(source[source.index("__all__") :], namespace)
    page = (ROOT / "docs" / "reference-python.md").read_text()
    missing = [name for name in namespace["__all__"] if f".{name}\n" not in page and name[0] != "_"]
    errors = {"InvalidTransitionError", "MarkovTaskTagError", "NoMarkovTasksError", "NonMarkovTaskTransitionError"}
    assert set(missing) <= errors | {"events"}
