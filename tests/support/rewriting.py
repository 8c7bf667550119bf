"""Plain locustfiles of Locust's, rewritten for AsyncUser and TrioUser."""

from __future__ import annotations

import re

_METHOD = re.compile(r"^( +)def (?!__init__|chosen|context|get_next_task)", re.MULTILINE)
_SHARE = re.compile(r"constant_throughput\((\d+) / \d+\)")  # of a rate of all users
_AWAITED = re.compile(r"(\bself[.\w]*\.(client\.\w+|tell|wait)\()")


def as_coroutines(text: str, base: str) -> str:
    """`async` and `await` are put in, and the names come from katydid."""
    text = text.replace("FastHttpUser", base)
    text = re.sub(r"^from locust[.\w]* import", "from katydid import", text, flags=re.MULTILINE)
    text = _METHOD.sub(r"\1async def ", text)
    text = _AWAITED.sub(r"await \1", text)
    text = text.replace("with await self.", "async with self.")
    if _SHARE.search(text):
        text = _SHARE.sub(r"constant_throughput(\1)", text).replace("constant_throughput", "constant_total_throughput")
    return text.replace("environment.runner.quit", "environment.quit")
