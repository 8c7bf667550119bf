"""Texts of exceptions, whatever they are: to say what went wrong must never go wrong itself."""

from __future__ import annotations

import textwrap
import traceback
from collections.abc import Container

_shown_of_a_group = 5


def sendable(text: str) -> str:
    """With escapes for what is no character: half a surrogate pair."""
    return text.encode("utf-8", "backslashreplace").decode()


def shown(value: object) -> str:
    """`repr(value)`, or what there is to say where that raises."""
    try:
        return sendable(repr(value))
    except BaseException as error:
        return f"<{type(value).__name__}, whose repr() raises {type(error).__name__}>"


def said(value: object) -> str:
    """`str(value)`, or its repr() where that raises."""
    try:
        return sendable(str(value))
    except BaseException:
        return shown(value)


def message_of(error: BaseException) -> str:
    """What an exception says, else its repr()."""
    return said(error) or shown(error)


def failure_text(error: object) -> str:
    """What `failure()` was given, as Locust shows it: an exception by its repr(), anything else as text."""
    if isinstance(error, BaseException):
        return shown(error)
    return said(error) or "''"


def trace_of(error: BaseException, left_out: Container[str] = ()) -> str:
    """The traceback without the frames of those files; behind that of a group, those of the exceptions in it."""
    try:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename not in left_out] or frames
        text = sendable("".join(traceback.format_list(own)) + "".join(traceback.format_exception_only(error)))
        if isinstance(error, BaseExceptionGroup):
            for each in error.exceptions[:_shown_of_a_group]:
                text += textwrap.indent(trace_of(each, left_out), "    ")
            if (more := len(error.exceptions) - _shown_of_a_group) > 0:
                text += f"    and {more} more\n"
        return text
    except BaseException as another:
        return f"{message_of(error)} (its traceback raises {type(another).__name__})\n"


def holds(error: BaseException, kind: type[BaseException]) -> bool:
    """Whether it is of that kind, or a group with one of it."""
    if isinstance(error, BaseExceptionGroup):
        return error.subgroup(kind) is not None
    return isinstance(error, kind)


def first_of(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """It, or the first of that kind in a group."""
    if isinstance(error, BaseExceptionGroup):
        return next((found for each in error.exceptions if (found := first_of(each, kind))), None)
    return error if isinstance(error, kind) else None


def is_cancellation(error: BaseException) -> bool:
    """Of a task of asyncio or Trio, or of a coroutine that is given up: no failure."""
    return isinstance(error, GeneratorExit) or (
        not isinstance(error, Exception) and type(error).__name__ in ("CancelledError", "Cancelled")
    )
