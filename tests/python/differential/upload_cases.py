"""Cases of bodies that are read while they are sent: generators, iterators, text files and large files."""

from __future__ import annotations

import io
import os
import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

import fast_cases
import gevent
from cases import attempt, fast, http
from http_cases import see
from proxy_cases import proxy
from tls_cases import kind, outcome, site

LARGE = b"0123456789abcde\n" * 80_000
"""More than is read before it is sent."""


def generated(*pieces: Any) -> Iterator[Any]:
    yield from pieces


def raising(*pieces: Any) -> Iterator[Any]:
    yield from pieces
    raise ValueError("out of ink")


def waiting(*pieces: Any) -> Iterator[Any]:
    for piece in pieces:
        gevent.sleep(0.02)
        yield piece


class Pieces:
    """Can be iterated again and again; `size` is what len() says."""

    def __init__(self, *pieces: bytes, size: int) -> None:
        self._pieces = pieces
        self._size = size

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    def __len__(self) -> int:
        return self._size


def text_file(folder: str, text: str) -> pathlib.Path:
    path = pathlib.Path(folder) / "text.txt"
    path.write_text(text)
    return path


@http
def upload_generators(user: Any) -> object:
    client = user.client
    return [
        attempt(lambda: see(client.post("/echo", data=generated(b"gene", b"rated"), headers={"Content-Type": "a/b"}))),
        attempt(lambda: see(client.put("/echo", data=generated()))),
        attempt(lambda: see(client.post("/echo", data=generated(b"", b"a", b"", b"b", b"")))),
        attempt(lambda: see(client.post("/echo", data=generated("text, grüße", b"bytes")))),
        attempt(lambda: see(client.post("/echo", data=waiting(b"one", b"two", b"three")))),
        attempt(lambda: see(client.post("/echo", data=iter([b"1", b"22", b"333"])))),
        attempt(lambda: see(client.patch("/echo", data=generated(*[b"x" * 10_000] * 30)))),
        attempt(lambda: see(client.post("/echo", data=Pieces(b"12", b"345", size=5)))),
        attempt(lambda: see(client.post("/echo", data=Pieces(b"12", b"345", size=0)))),
        attempt(lambda: see(client.get("/echo", data=generated(b"with a body")))),
        attempt(lambda: see(client.post("/echo", data=bytearray(b"an array")))),
    ]


@http
def upload_files(user: Any) -> object:
    client = user.client
    with tempfile.TemporaryDirectory() as folder:
        path = text_file(folder, "a text file\n" * 3)
        large = pathlib.Path(folder) / "large"
        large.write_bytes(LARGE)
        with path.open() as text, large.open("rb") as binary:
            return [
                attempt(lambda: client.post("/echo", data=text).text),
                attempt(lambda: client.post("/status/201", data=binary).status_code),
                attempt(lambda: client.post("/echo", data=io.StringIO("in memory")).text),
                attempt(lambda: client.post("/status/200", data=io.BytesIO(LARGE)).status_code),
                attempt(lambda: client.post("/echo", data=open(os.devnull, "rb")).text),
            ]


@http
def upload_that_raises(user: Any) -> object:
    client = user.client
    return [
        attempt(lambda: client.post("/echo", data=raising(b"begun"))),
        attempt(lambda: client.post("/echo", data=raising())),
        kind(lambda: client.post("/echo", data=generated(5))),
        outcome(lambda: client.get("/hello")),
    ]


@http
def upload_redirected(user: Any) -> object:
    client = user.client
    with tempfile.TemporaryDirectory() as folder, text_file(folder, "again").open() as text:
        return [
            outcome(lambda: client.post("/redirect/307", data=generated(b"once"))),
            outcome(lambda: client.post("/redirect/302", data=generated(b"once"))),
            outcome(lambda: client.post("/redirect/308?to=/echo", data=text)),
            outcome(lambda: client.post("/redirect/307?to=/echo", data=io.BytesIO(LARGE))),
        ]


@http
def upload_failures(user: Any) -> object:
    client = user.client
    return [
        outcome(lambda: client.post("/status/500", data=generated(b"x"))),
        outcome(lambda: client.post("http://127.0.0.1:1/x", data=generated(b"x"))),
        outcome(lambda: client.post("/delay/600", data=generated(b"x"), timeout=0.2)),
        outcome(lambda: client.post("/hello", data=generated(b"x"), name="named")),
        outcome(lambda: client.post("/echo", data=generated(b"x"), headers={"Content-Length": "1"})),
    ]


@http
def upload_caught(user: Any) -> object:
    client = user.client
    with client.post("/echo", data=waiting(b"a", b"b"), catch_response=True) as response:
        response.failure(response.text)
    with client.post("/echo", data=generated(b"a", b"b"), stream=True, catch_response=True) as response:
        return list(response.iter_content(1))


@http
def upload_elsewhere(user: Any) -> object:
    client, through = user.client, {"http": proxy(user), "https": proxy(user)}
    return [
        outcome(lambda: client.post(site("/echo"), data=generated(b"by", b"TLS"), verify=False)),
        outcome(lambda: client.post("http://nowhere.invalid/echo", data=generated(b"by proxy"), proxies=through)),
        attempt(lambda: client.post(site("/echo"), data=io.BytesIO(LARGE), verify=False).status_code),
    ]


@fast
def agent_upload_generators(user: Any) -> object:
    client, see = user.client, fast_cases.see
    return [
        attempt(lambda: see(client.post("/echo", data=generated(b"gene", b"rated")))),
        attempt(lambda: see(client.put("/echo", data=generated(), headers={"Content-Type": "a/b"}))),
        attempt(lambda: see(client.post("/echo", data=generated(b"", b"a", b"", b"b", b"")))),
        attempt(lambda: see(client.post("/echo", data=generated("text, grüße", b"bytes")))),
        attempt(lambda: see(client.post("/echo", data=waiting(b"one", b"two", b"three")))),
        attempt(lambda: see(client.post("/echo", data=generated(*[b"x" * 10_000] * 30)))),
        attempt(lambda: see(client.post("/status/404", data=generated(b"x"), name="named"))),
        kind(lambda: client.post("/echo", data=Pieces(b"12", b"345", size=5))),
    ]


@fast
def agent_upload_files(user: Any) -> object:
    client = user.client
    with tempfile.TemporaryDirectory() as folder:
        large = pathlib.Path(folder) / "large"
        large.write_bytes(LARGE)
        with text_file(folder, "a text file\n" * 3).open() as text, large.open("rb") as binary:
            return [
                attempt(lambda: client.post("/echo", data=io.BytesIO(b"in memory")).text),
                attempt(lambda: client.post("/status/201", data=binary).status_code),
                attempt(lambda: client.post("/echo", data=io.StringIO("grüße")).text),
                attempt(lambda: client.post("/status/200", data=io.BytesIO(LARGE[:20_000])).status_code),
                kind(lambda: client.post("/echo", data=text)),
            ]


@fast
def agent_upload_that_raises(user: Any) -> object:
    client = user.client
    return [
        attempt(lambda: client.post("/echo", data=raising(b"begun"))),
        kind(lambda: client.post("/echo", data=generated(5))),
        attempt(lambda: client.get("/hello").status_code),
    ]


@fast
def agent_upload_redirected(user: Any) -> object:
    client, see = user.client, fast_cases.see
    return [
        attempt(lambda: see(client.post("/redirect/307", data=generated(b"once")))),
        attempt(lambda: see(client.post("/redirect/302", data=generated(b"once")))),
        attempt(lambda: see(client.post("/redirect/308?to=/echo", data=io.BytesIO(b"again")))),
    ]


@fast
def agent_upload_caught(user: Any) -> object:
    client = user.client
    with client.post("/echo", data=waiting(b"a", b"b"), catch_response=True) as response:
        response.failure(response.text)
    return attempt(lambda: client.post("/echo", data=generated(b"c", b"d"), stream=True).stream.read())
