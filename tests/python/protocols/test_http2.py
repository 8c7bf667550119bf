"""`http_version` of clients on asyncio and Trio; nghttpx stands before the target."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import nghttpx
import pytest
from http2_proxy import Proxy
from on_both_loops import run
from recording_target import RecordingTarget, running

from ..bench import Bench, opened
from ..conftest import ROOT

__all__ = ["run"]  # a fixture
pytestmark = pytest.mark.skipif(nghttpx.PROGRAM is None, reason="nghttpx is not installed; tools/setup --tests")


@pytest.fixture
def target() -> Iterator[RecordingTarget]:
    """In the place of the usual one: it writes down what came through the proxy."""
    yield from running()


@pytest.fixture
def proxy(target: RecordingTarget, tmp_path: pathlib.Path) -> Iterator[Proxy]:
    with nghttpx.running(tmp_path, int(target.url.rsplit(":", 1)[1])) as proxy:
        yield proxy


@pytest.mark.parametrize("secure", [False, True])
def test_requests_go_by_http2(run: Any, target: RecordingTarget, proxy: Proxy, secure: bool) -> None:
    async def body(make: Callable[..., Any]) -> None:
        client = make(proxy.tls_url if secure else proxy.url, http_version="2", verify=False)
        assert (await client.get("/hello")).status == 200
        assert (await client.post("/hello", json={"a": 1}, headers={"X-Own": "1"})).status == 200
        assert (await client.post("/hello", data=iter([b"a" * 100_000, b"b"]))).status == 200
        async with client.get("/hello", stream=True) as response:
            assert await response.read() != b""

    entries = run(body)
    assert sum(each["num_requests"] for each in entries) == 4
    assert sum(each["num_failures"] for each in entries) == 0
    seen = target.take()
    assert len(seen) == 4
    assert all((each.header("Via") or "").startswith("2 ") for each in seen)
    assert seen[1].body == b'{"a": 1}' or seen[1].body == b'{"a":1}'
    assert len(seen[2].body) == 100_001


def test_the_version_is_the_servers_choice_or_ours(run: Any, target: RecordingTarget, proxy: Proxy) -> None:
    async def body(make: Callable[..., Any]) -> None:
        client = make(proxy.tls_url, verify=False)
        assert client.http_version == "1.1"
        for version in "1.1", "auto", "2":
            client.http_version = version
            assert (await client.get("/hello")).status == 200
        client.base_url = target.url  # which knows no HTTP/2
        assert "does not speak HTTP/2" in (await client.get("/hello")).error
        with pytest.raises(ValueError, match=r'must be "auto", "1\.1" or "2"; HTTP/3 is for HttpUser'):
            client.http_version = "3"

    run(body)
    via = [each.header("Via") or "none" for each in target.take()]
    assert [each[:3] for each in via[:3]] == ["1.1", "2 n", "2 n"]


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    with opened("", tmp_path) as bench:
        yield bench


@pytest.mark.parametrize("base", ["AsyncUser", "TrioUser"])
def test_the_example_runs(bench: Bench, tmp_path: pathlib.Path, base: str) -> None:
    example = tmp_path / "http2.py"
    example.write_text((ROOT / "examples" / "python" / "http2.py").read_text())
    if base == "TrioUser":
        example.write_text(
            example.read_text()
            .replace("import asyncio\n", "import trio\n")
            .replace("AsyncUser", base)
            .replace(
                'await asyncio.gather(*(self.client.get(f"/bytes/{100 * n}", name="image") for n in range(1, 21)))',
                "async with trio.open_nursery() as nursery:\n"
                "            for n in range(1, 21):\n"
                "                nursery.start_soon(self.image, n)\n\n"
                "    async def image(self, n: int) -> None:\n"
                '        await self.client.get(f"/bytes/{100 * n}", name="image")',
            )
        )
    with nghttpx.running(tmp_path, int(bench.target.url.rsplit(":", 1)[1])) as proxy:
        run = f"-u 8 -r 8 -t 3s --host {proxy.tls_url} --expect-workers 1 --stop-timeout 10"
        master = bench.master(file=example, run=run)
        worker = bench.worker(master, file=example)
        final = master.final(timeout=60)
        assert worker.wait() == 0
    assert final["total"]["num_failures"] == 0
    assert "ERROR" not in worker.output()
    counted = {each["name"]: each["num_requests"] for each in final["entries"]}
    assert counted["image"] == 20 * counted["page"] > 100
