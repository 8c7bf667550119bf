"""`proxy` of requests and of clients on asyncio and Trio; the target itself is the proxy."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tinyproxy
from certificates import Certificates
from on_both_loops import run
from recording_target import RecordingTarget, running

__all__ = ["run"]  # a fixture


@pytest.fixture
def target() -> Iterator[RecordingTarget]:
    """In the place of the usual one: it is a proxy, too."""
    yield from running()


@pytest.fixture
def site(target: RecordingTarget, tmp_path: pathlib.Path) -> str:
    """The target's HTTPS."""
    return f"https://127.0.0.1:{target.listen_tls(Certificates(tmp_path / 'certificates').server())}"


def test_a_proxy_forwards_and_opens_tunnels(run: Any, target: RecordingTarget, site: str) -> None:
    async def body(make: Callable[..., Any]) -> None:
        client = make("http://nowhere.invalid", proxy=target.url.replace("//", "//ann:secret@"), verify=False)
        assert (await client.get("/hello")).status == 200
        assert (await client.get(site + "/hello")).status == 200
        assert (await client.get(site + "/hello")).status == 200

    entries = run(body)
    assert sum(each["num_requests"] for each in entries) == 3
    assert sum(each["num_failures"] for each in entries) == 0
    forwarded, connect, *inside = target.take()
    assert forwarded.target == "http://nowhere.invalid/hello"
    assert connect.method == "CONNECT"
    assert [each.target for each in inside] == ["/hello", "/hello"]
    credentials = "Basic YW5uOnNlY3JldA=="
    asked = [each.header("Proxy-Authorization") for each in (forwarded, connect, *inside)]
    assert asked == [credentials, credentials, None, None]


def test_a_request_has_a_proxy_of_its_own_or_none(run: Any, target: RecordingTarget) -> None:
    async def body(make: Callable[..., Any]) -> None:
        client = make(target.url)
        assert client.proxy == ""
        assert (await client.get("/hello")).status == 200
        assert (await client.get("/hello", proxy=target.url)).status == 200
        client.proxy = "http://127.0.0.1:1"
        assert (await client.get("/hello")).status == 0
        assert (await client.get("/hello", proxy=None)).status == 0
        assert (await client.get("/hello", proxy="")).status == 200
        with pytest.raises(TypeError, match="proxy must be str or bytes, not int"):
            await client.get("/hello", proxy=3128)

    run(body)
    assert [each.target for each in target.take()] == ["/hello", target.url + "/hello", "/hello"]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("wants-407", "the proxy refused a tunnel with 407 Who Are You"),
        ("wants-nothing", "the proxy closed the connection before it opened a tunnel"),
        ("wants-garbage", "the answer is not HTTP/1: 'this is not HTTP'"),
    ],
)
def test_no_tunnel_is_a_failure_that_says_why(run: Any, target: RecordingTarget, host: str, words: str) -> None:
    async def body(make: Callable[..., Any]) -> None:
        response = await make("", proxy=target.url).get(f"https://{host}.invalid/x")
        assert response.error == f"ProxyError: {words} ({host}.invalid:443 through proxy {target.url})"

    (entry,) = run(body)
    assert (entry["num_requests"], entry["num_failures"]) == (1, 1)


@pytest.fixture
def proxy(tmp_path: pathlib.Path) -> Iterator[str]:
    """The URL of a real one."""
    if tinyproxy.PROGRAM is None:
        pytest.skip("tinyproxy is not installed (tools/setup --tests)")
    with tinyproxy.running(tmp_path, "BasicAuth ann secret") as port:
        yield f"http://ann:secret@127.0.0.1:{port}"


def test_a_real_proxy(run: Any, target: RecordingTarget, site: str, proxy: str) -> None:
    async def body(make: Callable[..., Any]) -> None:
        client = make(target.url, proxy=proxy, verify=False)
        for url in ("/hello", "/hello", site + "/hello", site + "/hello"):
            response = await client.get(url)
            assert (response.status, response.error) == (200, None)
        stranger = make(target.url, proxy=proxy.replace("ann:secret", "ann:wrong"), verify=False)
        assert (await stranger.get("/hello")).status in (401, 407)
        assert (await stranger.get(site + "/hello")).error_kind == "ProxyError"

    entries = run(body)
    assert sum(each["num_requests"] for each in entries) == 6
    assert sum(each["num_failures"] for each in entries) == 2
    assert len(target.take()) == 4
