"""Plain locustfiles of Locust's, rewritten for AsyncUser and TrioUser."""

from __future__ import annotations

import re

_METHOD = re.compile(r"^( +)def (?!__init__|chosen|context)", re.MULTILINE)
_AWAITED = re.compile(r"(\bself[.\w]*\.(client\.\w+|tell|wait)\()")


def as_coroutines(text: str, base: str) -> str:
    """`async` and `await` are put in, and the names come from katydid."""
    text = text.replace("FastHttpUser", base)
    text = re.sub(r"^from locust[.\w]* import", "from katydid import", text, flags=re.MULTILINE)
    text = _METHOD.sub(r"\1async def ", text)
    text = _AWAITED.sub(r"await \1", text)
    text = text.replace("with await self.", "async with self.")
    return text.replace("environment.runner.quit", "environment.quit")
