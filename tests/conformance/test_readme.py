"""Code that is shown in the documentation is code that is compiled and run: it stands in an example."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = "\n".join(path.read_text() for path in sorted((ROOT / "examples").rglob("*.cpp")))
PYTHON_EXAMPLES = "\n".join(path.read_text() for path in sorted((ROOT / "examples" / "python").glob("*.py")))


def snippets():
    pages = ["locustfiles", "porting", "streams", "several-at-once", "sockets", "open-workload", "websocket", "http2", "grpc"]
    for name in ["README.md", *(f"docs/{page}.md" for page in pages)]:
        for number, code in enumerate(re.findall(r"```cpp\n(.*?)```", (ROOT / name).read_text(), re.DOTALL), 1):
            yield pytest.param(code, id=f"{name}-{number}")


@pytest.mark.parametrize("code", list(snippets()))
def test_snippet_stands_in_an_example(code):
    for paragraph in code.strip().split("\n\n"):
        assert paragraph in EXAMPLES, f"no example contains:\n{paragraph}"


def test_snippets_in_python_stand_in_an_example():
    """On pages that say so."""
    pages = ["streams", "open-workload", "websocket", "grpc"]
    text = "".join((ROOT / "docs" / f"{page}.md").read_text() for page in pages)
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        assert code.strip() in PYTHON_EXAMPLES, f"no example contains:\n{code}"


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
