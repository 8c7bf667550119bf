"""Digest, bearer tokens and certificates: against the target, which checks them, and against Apache and nginx."""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator

import apache
import nginx
import pytest
from certificates import Certificates
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


def run(bench: Bench, kind: str, locustfile: str, host: str) -> tuple[int, str]:
    """Its exit code and what it said."""
    file = bench.lab.folder / ("member." + ("cpp" if KINDS[kind] is CPP else "py"))
    file.write_text(locustfile % {"base": kind})
    command = [bench.lab.katydid] if KINDS[kind] is CPP else [sys.executable, "-m", "katydid"]
    command += ["-f", file, "--headless", "--only-summary", "-t", "2s", "--host", host]
    process = bench.lab.run("worker", command, {"PYTHONPATH": PYTHONPATH})
    return process.wait(60), process.output()


def asking(kind: str, in_cpp: list[str], in_python: list[str]) -> str:
    """A locustfile whose only task makes these calls."""
    if KINDS[kind] is CPP:
        before, _, after = CPP.partition("    co_await")
        return before + "".join(f"    {call}\n" for call in in_cpp) + after[after.index("    stop();") :]
    calls = "".join(f"        {call}\n" for call in [*in_python, "self.stop()"])
    return COROUTINES.partition("        ann =")[0] + calls


@pytest.mark.parametrize("kind", KINDS)
def test_the_target_lets_users_in(bench: Bench, kind: str) -> None:
    code, output = run(bench, kind, KINDS[kind], bench.target.url)
    assert code == 1, "for some of them are to fail"
    table = last_table(output)
    total = table.pop("Aggregated")
    assert {name: failures for name, (_, failures) in table.items()} == {
        name: int(name in FAILING)
        for name in ("md5", "sha256", "post", "moved", "wrong", "not asked", "bearer", "basic", *FAILING)
    }
    assert all(requests == 1 for requests, _ in table.values()), "challenge and answer are one request"
    assert total == (10, 3)
    assert bench.target.completed == 15, "five challenges and a redirect are beside them, and one was not sent"
    assert "InvalidHeader" in output


@pytest.mark.skipif(not apache.PROGRAM, reason="Apache is not installed (tools/setup --tests)")
@pytest.mark.parametrize("kind", KINDS)
def test_apache_lets_users_in(bench: Bench, kind: str, tmp_path: pathlib.Path) -> None:
    text = asking(
        kind,
        [
            'co_await client.get("/public");',
            'co_await client.get("/private", {.name = "right", .digest = {"ann", "secret"}});',
            'co_await client.get("/private", {.name = "wrong", .digest = {"ann", "other"}});',
            'co_await client.get("/private", {.name = "none"});',
        ],
        [
            'await self.client.get("/public")',
            'await self.client.get("/private", name="right", digest=("ann", "secret"))',
            'await self.client.get("/private", name="wrong", digest=("ann", "other"))',
            'await self.client.get("/private", name="none")',
        ],
    )
    with apache.running(tmp_path, "ann", "secret") as server:
        code, output = run(bench, kind, text, server.url)
        served = server.served()
    assert code == 1
    table = last_table(output)
    assert {name: failures for name, (_, failures) in table.items()} == {
        "/public": 0, "right": 0, "wrong": 1, "none": 1, "Aggregated": 2,
    }  # fmt: skip
    statuses = [200, 401, 200, 401, 401, 401]
    assert served == [f"GET /{'public' if i == 0 else 'private'} {status}" for i, status in enumerate(statuses)]


@pytest.mark.skipif(not nginx.PROGRAM, reason="nginx is not installed (tools/setup --tests)")
@pytest.mark.parametrize("kind", KINDS)
def test_nginx_lets_certificates_in(bench: Bench, kind: str, tmp_path: pathlib.Path) -> None:
    certificates = Certificates(tmp_path / "certificates")
    authority = certificates.path("authority.pem")
    in_cpp, in_python = [], []
    for name in ("client", "other", ""):
        pair = [str(certificates.path(f"{name}{suffix}")) for suffix in (".pem", ".key")] if name else []
        shown = f', .client_certificate = "{pair[0]}", .client_key = "{pair[1]}"' if pair else ""
        entry = name or "none"
        in_cpp.append(f'co_await client.get("/hello", {{.name = "{entry}", .ca_file = "{authority}"{shown}}});')
        in_python.append(
            f'await self.client.get("/hello", name="{entry}", verify="{authority}", cert={tuple(pair) or None})'
        )
    with nginx.running(tmp_path, int(bench.target.url.rpartition(":")[2]), certificates) as server:
        code, output = run(bench, kind, asking(kind, in_cpp, in_python), server.tls_url)
    assert code == 1
    expected = {"client": (1, 0), "other": (1, 1), "none": (1, 1), "Aggregated": (3, 2)}
    assert last_table(output) == expected, output
    assert bench.target.completed == 1
