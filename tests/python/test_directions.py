"""No module of the package imports in a circle: not at run time, not in a function, and not for types alone."""

from __future__ import annotations

import ast
import pathlib
from collections.abc import Iterator, Mapping
from importlib.util import resolve_name

import pytest

from .conftest import ROOT

Graph = Mapping[str, set[str]]
"""Which modules each module imports."""


def graph_of(package: pathlib.Path) -> Graph:
    """Of all modules below a package's folder; a stub is the module of the extension that it describes."""
    files = [(_name(package, file), file) for pattern in ("*.py", "*.pyi") for file in package.rglob(pattern)]
    graph: dict[str, set[str]] = {name: set() for name, _ in files}
    for name, file in files:
        for imported in _imports(file, name, graph):
            graph[name] |= {imported, *_packages_run_for(imported, name)} & graph.keys()
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """The shortest circle that each module is in, once each: [a, b, a]."""
    found: dict[frozenset[str], list[str]] = {}
    for module in sorted(graph):
        if (circle := _way_back(graph, module)) is not None:
            found.setdefault(frozenset(circle), circle)
    return list(found.values())


def _name(package: pathlib.Path, file: pathlib.Path) -> str:
    parts = file.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _imports(file: pathlib.Path, name: str, known: Graph) -> Iterator[str]:
    package = name if file.stem == "__init__" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_bytes(), str(file))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                module = f"{source}.{alias.name}"
                yield module if module in known else source  # `from . import hub` does not need __init__, but hub


def _packages_run_for(imported: str, importer: str) -> Iterator[str]:
    """The packages whose __init__ runs first. Those that the importer is in itself have begun before it."""
    package = imported.rpartition(".")[0]
    while package:
        if not f"{importer}.".startswith(f"{package}."):
            yield package
        package = package.rpartition(".")[0]


def _way_back(graph: Graph, start: str) -> list[str] | None:
    ways, seen = [[start]], set[str]()
    for way in ways:  # grows meanwhile: the shortest ones come first
        for imported in sorted(graph[way[-1]]):
            if imported == start:
                return [*way, start]
            if imported not in seen:
                seen.add(imported)
                ways.append([*way, imported])
    return None


def test_no_module_imports_in_a_circle() -> None:
    graph = graph_of(ROOT / "python" / "katydid")
    assert {"katydid", "katydid._native", "katydid.gevent.hub"} <= graph.keys()
    found = [" -> ".join(circle) for circle in circles(graph)]
    assert not found, "modules import in circles; move what both sides need below them:\n" + "\n".join(found)


@pytest.mark.parametrize(
    ("files", "circle"),
    [
        pytest.param({"a": "from .b import B", "b": "from .a import A"}, "shop.a -> shop.b -> shop.a", id="relative"),
        pytest.param({"a": "import shop.b", "b": "from shop import a"}, "shop.a -> shop.b -> shop.a", id="absolute"),
        pytest.param(
            {"a": "from . import b", "b": "if TYPE_CHECKING:\n    from .a import A"},
            "shop.a -> shop.b -> shop.a",
            id="for types",
        ),
        pytest.param(
            {"a": "from .b import B", "b": "from .c import C", "c": "def later():\n    from . import a"},
            "shop.a -> shop.b -> shop.c -> shop.a",
            id="in a function",
        ),
        pytest.param(
            {"__init__": "from .a import A", "a": "from . import A"}, "shop -> shop.a -> shop", id="by the package"
        ),
        pytest.param(
            {"a": "from .till.coin import Coin", "till/__init__": "from ..a import A", "till/coin": ""},
            "shop.a -> shop.till -> shop.a",
            id="by a package that is run for one of its modules",
        ),
        pytest.param({"a": "from ._native import N", "_native": ""}, None, id="none"),
        pytest.param(
            {"__init__": "from .a import A", "a": "from . import _native\nimport shop._native", "_native": ""},
            None,
            id="none with the extension",
        ),
    ],
)
def test_finds_circles(files: dict[str, str], circle: str | None, tmp_path: pathlib.Path) -> None:
    for name, text in files.items():
        file = tmp_path / "shop" / f"{name}.{'pyi' if name == '_native' else 'py'}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    found = [" -> ".join(each) for each in circles(graph_of(tmp_path / "shop"))]
    assert found == ([] if circle is None else [circle])
