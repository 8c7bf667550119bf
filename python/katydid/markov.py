"""Task sets that go on by chance: Locust's MarkovTaskSet, with its checks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from . import chance
from .exceptions import InvalidTransitionError, MarkovTaskTagError, NoMarkovTasksError, NonMarkovTaskTransitionError
from .tasks import Task, TaskOwner, TaskSet, name_of, tags_of

T = TypeVar("T", bound=Callable[..., Any] | type)
logger = logging.getLogger("katydid.tasks")


def transition(func_name: str, weight: int = 1) -> Callable[[T], T]:
    """What may follow this task of a MarkovTaskSet: `@transition("buy", weight=3)`; as many of them as there are."""
    return transitions({func_name: weight})


def transitions(weights: Mapping[str, int] | Sequence[tuple[str, int] | str]) -> Callable[[T], T]:
    """Several at once: `@transitions({"buy": 3, "look": 1})`, or a list of names and of (name, weight)."""
    if not isinstance(weights, Mapping):
        weights = dict(each if isinstance(each, tuple) else (each, 1) for each in weights)
    more = dict(weights)

    def mark(function: T) -> T:
        setattr(function, "task_transitions", transitions_of(function) | more)  # noqa: B010
        return function

    return mark


def transitions_of(task: Any) -> dict[str, int]:
    return getattr(task, "task_transitions", {})


class MarkovTaskSet(TaskSet):
    """One that begins with its first task and goes on by chance, as the tasks' `@transition`s say."""

    abstract: ClassVar[bool] = True
    """For classes that are only there to be derived from: nothing of them is checked."""
    filtered_by_tags = False

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls.abstract = bool(cls.__dict__.get("abstract", False))
        if not cls.abstract:
            cls.tasks = [each for each in cls.__dict__.values() if hasattr(each, "task_transitions")]
            check(cls)

    def __init__(self, parent: TaskOwner) -> None:
        super().__init__(parent)
        self._current: Task | None = None

    def get_next_task(self) -> Task:
        chosen = self._current or self._left[0]
        weights = transitions_of(chosen)
        ticket = chance.random() * sum(weights.values())
        for name, weight in weights.items():
            ticket -= weight
            if ticket < 0:
                self._current = getattr(type(self), name)
                break
        return chosen


def check(cls: type[MarkovTaskSet]) -> None:
    """Locust's checks of the chain; raises what is wrong, and logs what is only odd."""
    name = cls.__name__
    if not cls.tasks:
        raise NoMarkovTasksError(
            f"No Markov tasks defined in class {name}. Use the @transition(s) decorators to define some."
        )
    for task in cls.tasks:
        for to in transitions_of(task):
            if to not in cls.__dict__:
                raise InvalidTransitionError(
                    f"Transition to {to} from {name_of(task)} is invalid since no such element exists on class {name}"
                )
            if not hasattr(cls.__dict__[to], "task_transitions"):
                raise NonMarkovTaskTransitionError(
                    f"{name}.{to} cannot be used as a target for a transition since it does not define any transitions "
                    f"of its own. Used as a transition from {name_of(task)}."
                )
        if not sum(transitions_of(task).values()) > 0:
            raise InvalidTransitionError(f"All transitions of {name}.{name_of(task)} have the weight 0")
        if name_of(task) in ("on_start", "on_stop"):
            logger.warning("%s.%s has transitions, so it is called as a task, too", name, name_of(task))
        if tags_of(task):
            raise MarkovTaskTagError(
                "Tags are unsupported for MarkovTaskSet since they can make the markov chain invalid. "
                f"Tags detected on {name}.{name_of(task)}: {set(tags_of(task))}"
            )
    reached, left = {name_of(cls.tasks[0])}, [name_of(cls.tasks[0])]
    while left:
        for to, weight in transitions_of(cls.__dict__[left.pop()]).items():
            if weight and to not in reached:
                reached.add(to)
                left.append(to)
    unreachable = {name_of(task) for task in cls.tasks} - reached
    if unreachable:
        logger.warning("The following markov tasks are unreachable in class %s: %s", name, unreachable)
