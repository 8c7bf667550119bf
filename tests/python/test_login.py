"""Digest and bearer tokens, against the target, which checks them."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator

import pytest
from harness.table import last_table

from .bench import PYTHONPATH, Bench, opened

CPP = """
#include <katydid/katydid.hpp>
using namespace katydid;
struct Member : %(base)s {
  task<> sign_in() {
    co_await client.get("/digest-auth/ann/secret", {.name = "md5", .digest = {"ann", "secret"}});
    co_await client.get("/digest-auth/ann/secret?algorithm=SHA-256", {.name = "sha256", .digest = {"ann", "secret"}});
    co_await client.post("/digest-auth/ann/secret", "text", {.name = "post", .digest = {"ann", "secret"}});
    co_await client.get("/redirect-to?url=/digest-auth/ann/secret", {.name = "moved", .digest = {"ann", "secret"}});
    co_await client.get("/digest-auth/ann/secret", {.name = "wrong", .digest = {"ann", "other"}});
    co_await client.get("/hello", {.name = "not asked", .digest = {"ann", "secret"}});
    co_await client.get("/bearer/abc", {.name = "bearer", .bearer = "abc"});
    co_await client.get("/bearer/abc", {.name = "wrong bearer", .bearer = "abd"});
    co_await client.get("/bearer/abc", {.name = "broken bearer", .bearer = "a\\nb"});
    co_await client.get("/basic-auth/ann/secret", {.name = "basic", .auth = {"ann", "secret"}});
    stop();
  }
};
KATYDID_USER(Member).task<&Member::sign_in>();
"""
COROUTINES = """
from katydid import %(base)s, task
class Member(%(base)s):
    @task
    async def sign_in(self):
        ann = ("ann", "secret")
        await self.client.get("/digest-auth/ann/secret", name="md5", digest=ann)
        await self.client.get("/digest-auth/ann/secret?algorithm=SHA-256", name="sha256", digest=ann)
        await self.client.post("/digest-auth/ann/secret", data="text", name="post", digest=ann)
        await self.client.get("/redirect-to?url=/digest-auth/ann/secret", name="moved", digest=ann)
        await self.client.get("/digest-auth/ann/secret", name="wrong", digest=("ann", "other"))
        await self.client.get("/hello", name="not asked", digest=ann)
        await self.client.get("/bearer/abc", name="bearer", bearer="abc")
        await self.client.get("/bearer/abc", name="wrong bearer", bearer="abd")
        await self.client.get("/bearer/abc", name="broken bearer", bearer="a\\nb")
        await self.client.get("/basic-auth/ann/secret", name="basic", auth=ann)
        self.stop()
"""
KINDS = {"HttpUser": CPP, "FastHttpUser": CPP, "AsyncUser": COROUTINES, "TrioUser": COROUTINES}
FAILING = {"wrong", "wrong bearer", "broken bearer"}


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("", tmp_path) as bench:
        yield bench


@pytest.mark.parametrize("kind", KINDS)
def test_the_target_lets_users_in(bench: Bench, kind: str) -> None:
    text = KINDS[kind] % {"base": kind}
    file = bench.lab.folder / ("member." + ("cpp" if KINDS[kind] is CPP else "py"))
    file.write_text(text)
    command = [bench.lab.katydid] if KINDS[kind] is CPP else [sys.executable, "-m", "katydid"]
    command += ["-f", file, "--headless", "--only-summary", "-t", "2s", "--host", bench.target.url]
    process = bench.lab.run("worker", command, {"PYTHONPATH": PYTHONPATH})
    assert process.wait(60) == 1, "for some of them are to fail"
    table = last_table(process.output())
    total = table.pop("Aggregated")
    assert {name: failures for name, (_, failures) in table.items()} == {
        name: int(name in FAILING)
        for name in ("md5", "sha256", "post", "moved", "wrong", "not asked", "bearer", "basic", *FAILING)
    }
    assert all(requests == 1 for requests, _ in table.values()), "challenge and answer are one request"
    assert total == (10, 3)
    assert bench.target.completed == 15, "five challenges and a redirect are beside them, and one was not sent"
    assert "InvalidHeader" in process.output()
