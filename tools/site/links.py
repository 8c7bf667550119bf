"""Links of the documentation to files of the project that are no pages."""

from __future__ import annotations

import posixpath
import re
import subprocess
from pathlib import Path

FOLDER = "sources/"
LINK = re.compile(r"(?<=\]\()([^)\s#:]+)(#[^)\s]*)?(?=\))")
FENCE = re.compile(r"^ *(`{3,}).*?^ *\1 *$", re.DOTALL | re.MULTILINE)


def folder_of(uri: str, changes: str) -> str:
    """Where in the project the links of a page begin."""
    return "." if uri == changes else posixpath.dirname(f"docs/{uri}")


def prose(markdown: str) -> str:
    return FENCE.sub("", markdown)


def targets(markdown: str, folder: str) -> set[str]:
    """What is linked to, as paths from the project's root."""
    return {posixpath.normpath(posixpath.join(folder, match[1])) for match in LINK.finditer(prose(markdown))}


def is_source(path: str, root: Path) -> bool:
    """Something that there is, and that is no page of the site."""
    full = root / path
    is_page = path.startswith("docs/") and full.suffix in {".md", ".png", ".css"}
    return path not in {"README.md", "CHANGELOG.md"} and not is_page and full.exists()


def with_content(path: str, root: Path) -> set[str]:
    """A file, or a folder with all that belongs to the project in it."""
    if not (root / path).is_dir():
        return {path}
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", path]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    return {path} | {name for name in listed.splitlines() if is_text(root / name)}


def is_text(file: Path) -> bool:
    try:
        return file.is_file() and bool(file.read_text())
    except UnicodeDecodeError:
        return False


def page_of(path: str) -> str:
    """The page that shows this file or folder."""
    return f"{FOLDER}{path}.md"


def with_pages(markdown: str, uri: str, folder: str, root: Path) -> str:
    """The page `uri` of the site, whose links to files of the project lead to the pages that show them."""

    def link(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, match[1]))
        if is_source(path, root):
            page = page_of(path)
        elif path == "README.md":
            page = "index.md"
        elif path == "CHANGELOG.md":
            page = "changes.md"
        elif path.startswith("docs/"):
            page = path.removeprefix("docs/")
        else:
            return match[0]
        return posixpath.relpath(page, posixpath.dirname(uri) or ".") + (match[2] or "")

    pieces, end = [], 0
    for fence in FENCE.finditer(markdown):
        pieces += [LINK.sub(link, markdown[end : fence.start()]), fence[0]]
        end = fence.end()
    return "".join([*pieces, LINK.sub(link, markdown[end:])])
