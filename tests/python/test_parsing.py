"""JSON of answers is what json.loads() makes of it."""

from __future__ import annotations

import json

import pytest
from katydid.parsing import parsed, parsed_bytes

TEXTS = (
    '{"ok": true, "sizes": [36, 1e3, -0.5], "no": null}',
    '{"a": 1, "a": {"b": "\\u00e9\\ud83d\\ude00\\n"}}',
    ' [1, 2]\r\n',
    '"text"',
    "17",
    "[NaN, -Infinity]",
    "[123456789012345678901234567890]",
    "[\ud800]",
    '{"é": "ß😀"}',
    "",
    "{",
    "[1,]",
    '{"a": 1} x',
    "nothing",
    "\ufeff[1]",
    "[" * 10,
)  # fmt: skip


def said(parse: object, what: object) -> str:
    try:
        return repr(parse(what))  # type: ignore[operator]
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_it_is_what_the_standard_library_makes_of_it(text: str) -> None:
    assert said(parsed, text) == said(json.loads, text)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32-le"):
        body = text.encode(encoding, "surrogatepass")
        assert said(parsed_bytes, body) == said(json.loads, body)


@pytest.mark.parametrize("body", [b'["\xff"]', b"[\xed\xa0\x80]", b"{\0", b"[", b"\0[", b"\xef\xbb\xbf[1]"])
def test_so_are_bytes_that_are_no_text(body: bytes) -> None:
    assert said(parsed_bytes, body) == said(json.loads, body)


def test_a_function_in_the_place_of_loads_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json, "loads", lambda _: "another one")
    assert (parsed("[1]"), parsed_bytes(b"[1]")) == ("another one", "another one")
