"""Tasks, their weights and tags, and task sets: Locust's, with `async def`."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, Protocol, TypeAlias, TypeVar, overload

from . import chance
from .exceptions import InterruptTaskSet

TaskFunction: TypeAlias = Callable[[Any], Awaitable[object]]
"""Called with the user, or with the task set that it is in."""
Task: TypeAlias = "TaskFunction | type[TaskSet]"
T = TypeVar("T", bound=Callable[..., Any] | type)


@overload
def task(weight: T, /) -> T: ...
@overload
def task(weight: int = 1, /) -> Callable[[T], T]: ...
def task(weight: Any = 1, /) -> Any:
    """Makes a task of a method, or of a nested task set: `@task`, or `@task(3)` to have it chosen thrice as often."""

    def mark(function: T, weight: int = weight) -> T:
        setattr(function, "task_weight", weight)  # noqa: B010 - functions have no such attribute for mypy
        return function

    if isinstance(weight, int):
        if weight < 1:
            raise ValueError("a task's weight must be 1 or more")
        return mark
    return mark(weight, 1)


def tag(*tags: str) -> Callable[[T], T]:
    """For `--tags` and `--exclude-tags`; on a task set it goes for all of its tasks."""
    if not tags or not all(isinstance(each, str) for each in tags):
        raise ValueError("@tag needs one or more texts, as in @tag('slow')")

    def mark(function: T) -> T:
        marked: list[Any] = [function]
        if isinstance(function, type) and issubclass(function, TaskSet):
            marked = function.tasks
        for each in marked:
            setattr(each, "task_tags", tags_of(each) | set(tags))  # noqa: B010
        return function

    return mark


def tags_of(each: Task) -> frozenset[str]:
    return frozenset(getattr(each, "task_tags", ()))


def name_of(each: Task) -> str:
    return getattr(each, "__name__", repr(each))


def collect(cls: type) -> list[Task]:
    """A class's tasks, as often as their weights say: those of its bases, of `tasks`, and what `@task` marks."""
    found: list[Task] = []
    for base in cls.__bases__:
        found += getattr(base, "tasks", None) or []
    own = cls.__dict__.get("tasks", [])
    for each, count in own.items() if isinstance(own, Mapping) else ((each, 1) for each in own):
        found += [each] * count
    for each in cls.__dict__.values():
        if hasattr(each, "task_weight"):
            found += [each] * each.task_weight
    return found


class TaskOwner(Protocol):
    """Whose tasks are run: a user, or a task set that it is in."""

    tasks: ClassVar[Any]
    wait_time: ClassVar[Any]

    @property
    def client(self) -> Any:
        """The user's."""

    async def on_start(self) -> None: ...
    async def on_stop(self) -> None: ...


class TaskSet:
    """Tasks that belong together. A user that picks one stays in it until `self.interrupt()`."""

    tasks: ClassVar[Any] = []
    """A list of tasks, or {task: weight}; `@task` adds to it."""
    wait_time: ClassVar[Any] = None
    """The user's, unless it is given."""
    filtered_by_tags: ClassVar[bool] = True

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.tasks = collect(cls)

    def __init__(self, parent: TaskOwner) -> None:
        self.parent = parent
        self.user: Any = parent.user if isinstance(parent, TaskSet) else parent
        self._life_start = time.perf_counter()
        self._scheduled: list[Task] = []
        self._left: Sequence[Task] = self.tasks
        """What the test's tags leave of them."""

    @property
    def client(self) -> Any:
        """The user's."""
        return self.user.client

    async def on_start(self) -> None:
        """When a user enters it."""

    async def on_stop(self) -> None:
        """When a user leaves it, or stops in it."""

    def interrupt(self, reschedule: bool = True) -> NoReturn:
        """Leaves this task set; the next task comes at once, or, with `reschedule=False`, after the wait time."""
        raise InterruptTaskSet(reschedule)

    async def wait(self) -> None:
        """The wait that there is between two tasks. A user that is to stop ends in it."""
        await self.user._running.wait(self)

    def schedule_task(self, task_callable: Task, first: bool = False) -> None:
        """Runs this next, in place of what get_next_task() would choose: behind those that were scheduled before, or,
        with `first`, before them. It need not be one of the tasks."""
        self._scheduled.insert(0 if first else len(self._scheduled), self._function_of(task_callable))

    def get_next_task(self) -> Task:
        """What runs next where nothing was scheduled, by chance or by the order, as the kind of set says. To choose in
        another way, override it, as in Locust. What it raises counts as raised by a task."""
        return self._left[int(chance.random() * len(self._left))]

    def _next_task(self) -> Task:
        return self._function_of(self.get_next_task())

    def _function_of(self, task: Task) -> Task:
        """As it stands in the class, where it is a method of this task set."""
        own = getattr(task, "__self__", None) is self
        return task.__func__ if own else task  # type: ignore[union-attr]


class SequentialTaskSet(TaskSet):
    """One whose tasks run in the order in which they stand in the class."""

    def __init__(self, parent: TaskOwner) -> None:
        super().__init__(parent)
        self._next = 0

    def get_next_task(self) -> Task:
        chosen = self._left[self._next % len(self._left)]
        self._next += 1
        return chosen


class Plan:
    """The tasks that a test's tags leave of each class."""

    def __init__(self, tags: Iterable[str] = (), exclude_tags: Iterable[str] = ()) -> None:
        self._tags = frozenset(tags)
        self._exclude = frozenset(exclude_tags)
        self._known: dict[type, list[Task]] = {}

    def tasks_of(self, cls: Any) -> list[Task]:
        if not getattr(cls, "filtered_by_tags", True):
            return cls.tasks  # type: ignore[no-any-return]
        if cls not in self._known:
            self._known[cls] = []  # a task set within itself adds nothing
            self._known[cls] = [each for each in cls.tasks if self._passes(each)]
        return self._known[cls]

    def restrict(self, cls: Any, names: Iterable[str]) -> None:
        """The web interface's class picker has left these tasks only."""
        left = set(names)
        self._known[cls] = [each for each in self.tasks_of(cls) if name_of(each) in left]

    def _passes(self, each: Task) -> bool:
        if isinstance(each, type):
            return bool(self.tasks_of(each))
        tags = tags_of(each)
        return (not self._tags or bool(tags & self._tags)) and not tags & self._exclude
