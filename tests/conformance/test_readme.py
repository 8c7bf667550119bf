"""Code that is shown in the documentation is code that is compiled and run: it stands in an example."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = "\n".join(path.read_text() for path in sorted((ROOT / "examples").rglob("*.cpp")))
PYTHON_EXAMPLES = "\n".join(path.read_text() for path in sorted((ROOT / "examples" / "python").glob("*.py")))

# Pages for those who work on Katydid: their code is of its tests.
NOT_FOR_LOCUSTFILES = {"target"}


def pages():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page, language):
    """Those of tabs, too, which are indented."""
    for fence in re.finditer(rf"^( *)```{language}\n(.*?)^ *```$", page.read_text(), re.DOTALL | re.MULTILINE):
        yield re.sub(rf"^{fence[1]}", "", fence[2], flags=re.MULTILINE)


def snippets():
    for page in pages():
        if page.stem in NOT_FOR_LOCUSTFILES:
            continue
        for number, code in enumerate(blocks(page, "cpp"), 1):
            yield pytest.param(code, id=f"{page.name}-{number}")


@pytest.mark.parametrize("code", list(snippets()))
def test_snippet_stands_in_an_example(code):
    for paragraph in code.strip("\n").split("\n\n"):
        assert paragraph.strip() in EXAMPLES, f"no example contains:\n{paragraph}"


def test_snippets_in_python_stand_in_an_example():
    """But for a few pages: porting.md has Locust's own examples, python.md what must not be a whole locustfile."""
    checked = 0
    for page in pages():
        if page.stem in {"porting", "python"}:
            continue
        for code in blocks(page, "python"):
            checked += 1
            assert code.strip() in PYTHON_EXAMPLES, f"no example contains what {page.name} has:\n{code}"
    assert checked >= 9


def test_a_port_is_hardly_longer_than_its_original():
    """The sum of all pairs of porting.md, without empty lines and comments."""
    lines = {"python": 0, "cpp": 0}
    pairs = re.findall(r"```(python|cpp)\n(.*?)```", (ROOT / "docs" / "porting.md").read_text(), re.DOTALL)
    for language, code in pairs:
        lines[language] += sum(
            1 for line in code.splitlines() if line.strip() and not line.strip().startswith(("#", "//"))
        )
    assert len(pairs) >= 24
    assert lines["cpp"] <= 1.5 * lines["python"]
