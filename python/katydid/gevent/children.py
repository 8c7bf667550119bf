"""Greenlets that users begin in their tasks: pools, groups, threads. Locust does not stop them with their users."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

import gevent
from gevent import Greenlet, getcurrent
from gevent.pool import Group

from .lingering import lingering

_children: WeakSet[Any] = WeakSet()
_users = Group()


def watch(users: Group) -> None:
    """From now on, those of these greenlets are known."""
    global _users
    _users = users
    Greenlet.remove_spawn_callback(_note)
    Greenlet.add_spawn_callback(_note)


def _note(child: Any) -> None:
    parent: Any = getcurrent()
    if parent in _children or parent in _users:
        _children.add(child)


def forget(child: Any) -> None:
    """Of one that is begun for something else; what it begins itself is not known either."""
    _children.discard(child)


def end() -> None:
    """The process ends, and they with it: what they have under way is counted, or listed as cut off."""
    alive = [child for child in _children if not child.dead and child is not getcurrent()]
    gevent.killall(alive, block=False)
    gevent.joinall(alive, timeout=lingering.limit + 0.1)
