"""What the cases of both user kinds share: the registry and the description of what a locustfile can see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Case = Callable[[Any], object]


@dataclass
class Registry:
    """The cases of one kind of user, by name and in order."""

    cases: dict[str, Case] = field(default_factory=dict)

    def __call__(self, function: Case) -> Case:
        self.add(function.__name__, function)
        return function

    def add(self, name: str, case: Case) -> None:
        assert name not in self.cases, f"two cases named {name}"
        self.cases[name] = case


http = Registry()
"""Cases of HttpUser; each is called with a user."""
fast = Registry()
"""Cases of FastHttpUser."""


@dataclass
class Places:
    """Where the target listens for HTTPS, and the certificates of the tests."""

    tls_port: int = 0
    club_port: int = 0
    certificates: str = ""

    def file(self, name: str) -> str:
        return f"{self.certificates}/{name}"


places = Places()


def tidy(text: object) -> str:
    """The text without what differs from one run to the next."""
    out = re.sub(r"0x[0-9a-f]{6,}", "0x…", str(text))
    out = re.sub(r"\b[0-9a-f]{32}\b", "BOUNDARY", out)
    out = re.sub(r'(\b_=|cnonce=\\*")[0-9a-f]+', r"\1…", out)
    return re.sub(r"(read timeout=|timed out after |timeout=)[\d.]+", r"\1…", out)


def exception(error: BaseException | None) -> object:
    """An exception as a locustfile that catches it sees it."""
    if error is None:
        return None
    chain: list[str] = []
    cause = error.__context__
    while cause is not None and len(chain) < 10:
        chain.append(type(cause).__name__)
        cause = cause.__context__
    seen: dict[str, object] = {
        "type": [f"{t.__module__}.{t.__qualname__}" for t in type(error).__mro__[:-1]],
        "repr": tidy(repr(error)),
        "str": tidy(error),
        "context": chain,
    }
    for name in ("request", "response"):
        value = getattr(error, name, None)
        seen[name] = None if value is None else getattr(value, "url", "?")
    return seen


def items(headers: Iterable[tuple[object, object]] | Mapping[str, object] | None) -> object:
    """Headers, in their order."""
    if headers is None:
        return None
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [[str(name), tidy(value)] for name, value in pairs]


def attempt(call: Callable[[], object]) -> object:
    """What the call returns, or the exception that it raises."""
    try:
        return call()
    except Exception as error:
        return {"raised": exception(error)}
