"""Code that is shown in the documentation is code that is compiled and run: it stands in an example."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = "\n".join(path.read_text() for path in sorted((ROOT / "examples").glob("*.cpp")))


def snippets():
    for name in ["README.md", "docs/locustfiles.md"]:
        for number, code in enumerate(re.findall(r"```cpp\n(.*?)```", (ROOT / name).read_text(), re.DOTALL), 1):
            yield pytest.param(code, id=f"{name}-{number}")


@pytest.mark.parametrize("code", list(snippets()))
def test_snippet_stands_in_an_example(code):
    for paragraph in code.strip().split("\n\n"):
        assert paragraph in EXAMPLES, f"no example contains:\n{paragraph}"
