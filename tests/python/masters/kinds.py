"""Every kind of request that a task may make, by the paths at the target that one such request asks for.

The locustfiles kinds_gevent.py, kinds_coroutines.py and kinds.cpp make them. A request is counted by its first path.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

KINDS: dict[str, tuple[str, ...]] = {
    "get": ("GET /delay/10",),
    "params": ("GET /delay/11",),
    "headers": ("GET /delay/12",),
    "json": ("POST /delay/13",),
    "form": ("POST /delay/14",),
    "text": ("PUT /delay/15",),
    "patch": ("PATCH /delay/16",),
    "delete": ("DELETE /delay/17",),
    "options": ("OPTIONS /delay/18",),
    "head": ("HEAD /delay/19",),
    "file": ("POST /delay/20",),
    "a body of pieces": ("POST /delay/27",),
    "a body that takes time": ("PUT /upload",),
    "two redirects": ("GET /redirect/2", "GET /redirect/1", "GET /hello"),
    "a redirect to what takes time": ("GET /redirect-to", "GET /delay/21"),
    "a redirect that is not followed": ("GET /redirect-loop",),
    "basic": ("GET /basic-auth/ann/secret",),
    "digest": ("GET /digest-auth/ann/secret", "GET /digest-auth/ann/secret"),
    "gzip": ("GET /gzip/200",),
    "chunked": ("GET /chunked/300",),
    "cookie": ("GET /cookies/set",),
    "failure": ("GET /status/500",),
    "caught": ("GET /status/404",),
    "judged late": ("GET /delay/22",),
    "slow": ("GET /delay/500",),
    "a connection that is gone": ("GET /keepalive/3",),
    "several at once": ("GET /delay/23",),
    "a group": ("GET /delay/28",),
    "the first of two": ("GET /delay/29",),
    "stream": ("GET /slow-body",),
    "stream, half read": ("GET /bytes/300000",),
    "through a proxy": ("GET /delay/24",),
    "a body through a proxy": ("POST /delay/25",),
    "through a tunnel": ("GET /delay/26",),
}
FAILS = "GET /status/500"

OF_CPP = {"a group", "the first of two"}
MISSING = {
    "gevent-HttpUser": OF_CPP,
    "gevent-FastHttpUser": OF_CPP | {"file", "digest"},
    "asyncio": OF_CPP | {"file"},
    "trio": OF_CPP | {"file"},
    "cpp-HttpUser": {"file", "a body that takes time"},
    "cpp-FastHttpUser": {"file", "a body that takes time"},
}
"""What the clients of a mode don't have."""


PROXIED = {"through a proxy", "a body through a proxy", "through a tunnel"}
"""Only where there is a proxy."""


def without_query(counts: dict[str, int]) -> Counter[str]:
    by_path: Counter[str] = Counter()
    for name, count in counts.items():
        by_path[name.partition("?")[0]] += count
    return by_path


def lost(
    left_out: set[str], counted: dict[str, int], started: dict[str, int], cut_off: dict[str, int], cut_off_in_all: int
) -> list[str]:
    """Where the target has begun to answer other requests than were counted or listed as cut off; all by their path."""
    counted, cut_off = without_query(counted), without_query(cut_off)
    unnamed = cut_off_in_all - sum(cut_off.values())  # a list in the log names ten
    wrong: list[str] = []
    for kind, paths in KINDS.items():
        if kind in left_out:
            continue
        requests = counted[paths[0]]
        cut = cut_off[paths[0]]
        if not requests + cut:
            wrong.append(f"{kind}: never asked for")
        for path, times in Counter(paths).items():
            seen = started.get(path, 0)
            if not requests * times <= seen <= (requests + cut + unnamed) * times:
                wrong.append(f"{kind}: {requests} counted, {cut} cut off, but {seen} x {path} at the target")
    known = {paths[0] for paths in KINDS.values()}
    wrong += [f"counted as {name}" for name in counted if name not in known]
    return wrong


def started_by_path(counts: dict[str, Any]) -> dict[str, int]:
    """Of the target's counts."""
    return {path: numbers["started"] for path, numbers in counts["by_path"].items()}
