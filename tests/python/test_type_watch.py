"""TypeWatch, which compares the version tags that CPython gives classes; what they mean differs between versions."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from katydid._native import TypeWatch


class Watched:
    """A class with a base, its method `answer`, and how often the watch has asked."""

    def __init__(self) -> None:
        self.base: Any = type("Base", (), {"answer": lambda self: 1})
        self.cls: Any = type("Derived", (self.base,), {"other": lambda self: 2})
        self.original = self.base.answer
        self.asked = 0
        self.watch = TypeWatch([self.cls], self.is_original)

    def is_original(self) -> bool:
        self.asked += 1
        return self.cls.answer is self.original

    def asks(self) -> int:
        """How often it asks when its answer is wanted a hundred times."""
        before = self.asked
        for _ in range(100):
            self.watch.intact()
        return self.asked - before


def test_it_asks_once_while_nothing_changes() -> None:
    watched = Watched()
    assert watched.watch.intact()
    assert watched.asks() == 0
    assert watched.cls().answer() == 1
    assert watched.cls().other() == 2
    assert watched.asks() == 0


@pytest.mark.parametrize("where", ["cls", "base"])
def test_it_sees_that_a_class_or_its_base_was_changed_and_mended(where: str) -> None:
    watched = Watched()
    changed: Any = getattr(watched, where)
    for _ in range(3):
        assert watched.watch.intact()
        changed.answer = lambda self: 3
        assert not watched.watch.intact()
        assert watched.asks() == 0
        changed.answer = watched.original
        assert watched.watch.intact()
        assert watched.asks() == 0
    del watched.base.answer
    watched.cls.answer = watched.original
    assert watched.watch.intact()


def test_it_sees_a_change_that_no_one_has_looked_at() -> None:
    watched = Watched()
    assert watched.watch.intact()
    watched.base.answer = lambda self: 3
    watched.base.answer = lambda self: 4
    assert not watched.watch.intact()


def test_another_attribute_is_asked_about_once() -> None:
    watched = Watched()
    assert watched.watch.intact()
    watched.cls.news = 1
    assert watched.watch.intact()
    assert watched.asked == 2
    assert watched.asks() == 0


def test_a_class_without_a_tag_is_asked_about_each_time() -> None:
    """CPython 3.13 gives a class at most a thousand tags; what was said of it must stay right."""
    watched = Watched()
    for number in range(1500):
        watched.cls.number = number
        assert watched.watch.intact()
    watched.base.answer = lambda self: 3
    assert not watched.watch.intact()
    watched.base.answer = watched.original
    assert watched.watch.intact()


def test_names_of_modules_are_watched() -> None:
    module: Any = ModuleType("found")
    original = module.look_up = lambda: 1
    asked: list[object] = []

    def is_original() -> bool:
        asked.append(None)
        return module.look_up is original

    watch = TypeWatch([], is_original, [(module, "look_up"), (module, "missing")])
    assert watch.intact()
    assert not asked
    module.look_up = lambda: 2
    assert [watch.intact() for _ in range(3)] == [False] * 3
    assert len(asked) == 1
    module.look_up = original
    assert watch.intact()
    module.missing = 3
    assert watch.intact()
    del module.missing
    assert watch.intact()
    assert len(asked) == 4


def test_only_classes_and_names_of_modules_are_watched() -> None:
    with pytest.raises(TypeError, match="only classes can be watched"):
        TypeWatch([3], lambda: True)  # type: ignore[list-item]
    with pytest.raises(TypeError, match="only names of modules can be watched"):
        TypeWatch([], lambda: True, [(3, "name")])  # type: ignore[list-item]
