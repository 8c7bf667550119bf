"""Greenlets that users begin in their tasks: pools, groups, threads. Locust does not stop them with their users."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

import gevent
from gevent import Greenlet, getcurrent
from locust import User

from .lingering import lingering

_children: WeakSet[Any] = WeakSet()


def watch() -> None:
    """From now on, they are known."""
    Greenlet.remove_spawn_callback(_note)
    Greenlet.add_spawn_callback(_note)


def _note(child: Any) -> None:
    parent = getcurrent()
    if parent in _children or isinstance((getattr(parent, "args", None) or (None,))[0], User):
        _children.add(child)


def end() -> None:
    """The process ends, and they with it: what they have under way is counted, or listed as cut off."""
    alive = [child for child in _children if not child.dead and child is not getcurrent()]
    gevent.killall(alive, block=False)
    gevent.joinall(alive, timeout=lingering.limit + 0.1)
