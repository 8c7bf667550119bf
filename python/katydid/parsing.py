"""JSON of answers: what json.loads() makes of it, without what it does before and after the scanner of CPython."""

from __future__ import annotations

import json
from typing import Any

_loads = json.loads
_scan: Any = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def parsed(text: str) -> Any:
    """Raises what json.loads() raises."""
    if json.loads is _loads:  # nobody has put another one there
        try:
            value, end = _scan(text, 0)
        except (StopIteration, ValueError):
            end = -1
        if end == len(text):
            return value
    return json.loads(text)  # with white space around it, or wrong


def parsed_bytes(body: bytes) -> Any:
    """The same of a body, in UTF-8 if it looks as JSON nearly always does."""
    if body.startswith((b"{", b"[")) and body[1:2] != b"\0":
        try:
            text = body.decode()
        except UnicodeDecodeError:
            pass
        else:
            return parsed(text)
    return json.loads(body)
