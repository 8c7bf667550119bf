"""What the documentation site has beyond the pages in docs/, for mkdocs.

Pages link to files of the project. On the site, each of these files is a page that shows it. The reference of C++ and
the list of changes are made of the headers and of CHANGELOG.md.
"""

from __future__ import annotations

import posixpath
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File, Files, InclusionLevel

sys.path.insert(0, str(Path(__file__).parent))
import cpp_reference
import links

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
CHANGES = "changes.md"
LANGUAGES = {
    ".cpp": "cpp", ".hpp": "cpp", ".py": "python", ".sh": "bash", ".yaml": "yaml", ".yml": "yaml", ".json": "json",
    ".csv": "text", ".jsonl": "json", ".md": "markdown", ".txt": "text", ".toml": "toml", ".Dockerfile": "dockerfile",
}  # fmt: skip


def on_files(files: Files, config: MkDocsConfig) -> Files:
    files.append(File.generated(config, CHANGES, content=(ROOT / "CHANGELOG.md").read_text()))
    files.append(File.generated(config, "reference-cpp.md", content=cpp_reference.page(ROOT)))
    shown: set[str] = set()
    for file in files.documentation_pages():
        for target in links.targets(file.content_string, links.folder_of(file.src_uri, CHANGES)):
            if links.is_source(target, ROOT):
                shown |= links.with_content(target, ROOT)
    for path in sorted(shown):
        file = File.generated(config, links.page_of(path), content=source_page(path), inclusion=InclusionLevel.NOT_IN_NAV)
        files.append(file)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    uri = page.file.src_uri
    if uri.startswith(links.FOLDER):
        return markdown
    return links.with_pages(markdown, uri, links.folder_of(uri, CHANGES), ROOT)


def source_page(path: str) -> str:
    head = f"---\nsearch:\n  exclude: true\n---\n# `{path}`\n\n"
    full = ROOT / path
    if full.is_dir():
        here = posixpath.dirname(links.page_of(path))
        names = sorted(links.with_content(path, ROOT) - {path})
        return head + "".join(f"- [{name}]({posixpath.relpath(links.page_of(name), here)})\n" for name in names)
    text = full.read_text()
    language = LANGUAGES.get(full.suffix) or ("python" if "python" in text[:40] else "bash")
    return f"{head}``````{language}\n{text}\n``````\n"
