"""Which kind of locustfile a file is, and its user classes."""

from __future__ import annotations

import ast
import importlib.util
import pathlib
import sys
from collections.abc import Iterable, Iterator
from types import ModuleType

from ..texts import message_of, trace_of
from ..user import User

_katydid_without_users = {"gevent", "httpx", "data", "CsvFeeder", "JsonLinesFeeder"}
_loaders = (__file__, "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")


class LocustfileError(Exception):
    """A locustfile that can't be run, and why."""


def kind_of(files: Iterable[str]) -> str:
    """What runs them: "gevent" for Locust's own, "coroutines" for those of `katydid`.

    Raises LocustfileError for a mixture, and for a file that can't be read.
    """
    locust: str | None = None
    katydid: str | None = None
    for file in files:
        for where, module in _imports(pathlib.Path(file), set()):
            top, _, rest = module.partition(".")
            if top == "locust":
                locust = locust or where
            elif top == "katydid" and rest.split(".")[0] not in _katydid_without_users:
                katydid = katydid or where
    if locust and katydid:
        raise LocustfileError(
            f"{locust} imports locust and {katydid} imports katydid's users: the two can't run in one process, because "
            "gevent's monkey patching breaks asyncio and Trio. Make two locustfiles, and run a worker for each."
        )
    return "coroutines" if katydid else "gevent"


def load(files: Iterable[str]) -> list[type[User]]:
    """The user classes that the files define or import, abstract ones left out."""
    classes: dict[str, type[User]] = {}
    for file in files:
        module = _load(pathlib.Path(file))
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, User) and not value.abstract:
                known = classes.setdefault(value.__name__, value)
                if known is not value:
                    raise LocustfileError(f"there are two user classes named {value.__name__}: rename one of them")
    return list(classes.values())


def _load(path: pathlib.Path) -> ModuleType:
    if not path.is_file():
        raise LocustfileError(f"there is no file {path}")
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    if spec is None or spec.loader is None:
        raise LocustfileError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        trace = trace_of(error, left_out=_loaders)
        raise LocustfileError(f"{path} cannot be loaded: {message_of(error)}\n{trace}") from error
    return module


def _imports(path: pathlib.Path, seen: set[pathlib.Path]) -> Iterator[tuple[str, str]]:
    """(file, module) of all that a file and the modules beside it import."""
    if path in seen:
        return
    seen.add(path)
    if not path.is_file():
        raise LocustfileError(f"there is no file {path}")
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        raise LocustfileError(f"{path}, line {error.lineno}: {error.msg}") from error
    for module in _imported_names(tree):
        yield str(path), module
        for beside in (path.parent / (module.replace(".", "/") + ".py"), path.parent / module / "__init__.py"):
            if module and beside.is_file():
                yield from _imports(beside, seen)


def _imported_names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module == "katydid":
                for alias in node.names:
                    yield f"katydid.{alias.name}"
            else:
                yield module
