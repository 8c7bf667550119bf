"""Checksums of bodies that are kept, and that are not, on asyncio and Trio."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from on_both_loops import run

__all__ = ["run"]  # a fixture


@pytest.mark.parametrize("path", ["/bytes/0", "/bytes/3000000", "/gzip/100000", "/chunked/100000", "/redirect/2"])
def test_they_are_those_of_python(run: Callable[..., Any], target: str, path: str) -> None:
    async def body(new_client: Any) -> None:
        client = new_client(target)
        whole = (await client.get(path)).body
        sums = {kind: hashlib.new(kind, whole).hexdigest() for kind in ("md5", "sha1", "sha256", "sha512")}
        sums["crc32"] = f"{zlib.crc32(whole):08x}"
        for kind, expected in sums.items():
            kept = await client.get(path, checksum=kind)
            assert (kept.body, kept.checksum) == (whole, expected)
            dropped = await client.get(path, checksum=kind, discard_body=True)
            assert (dropped.body, dropped.checksum) == (b"", expected)

    run(body)


def test_without_one(run: Callable[..., Any], target: str) -> None:
    async def body(new_client: Any) -> None:
        client = new_client(target)
        assert (await client.get("/hello", checksum=None)).checksum is None
        unknown = await client.get("/hello", checksum="sha-3")
        assert unknown.checksum is None
        assert unknown.error.startswith('InvalidRequest: there is no checksum "sha-3": there is crc32')
        with pytest.raises(TypeError, match="checksum"):
            await client.get("/hello", checksum=5)

    (entry,) = run(body)
    assert entry["num_requests"] == 2
