"""Forms with files, as requests writes them, sent by tasks of asyncio's and Trio's."""

from __future__ import annotations

import asyncio
import base64
import io
import pathlib
from collections.abc import Callable
from typing import Any

import pytest
import requests
import trio
from katydid import asyncio_backend, trio_backend


class Named(io.BytesIO):
    name = "/some/where/named.bin"


def text() -> io.StringIO:
    return io.StringIO("grüße")


FORMS: dict[str, Callable[[], dict[str, Any]]] = {
    "bytes": lambda: {"files": {"a": b"\x00\xff"}},
    "text": lambda: {"files": {"a": "grüße"}},
    "a file": lambda: {"files": {"a": io.BytesIO(b"content")}},
    "a file with a name": lambda: {"files": {"a": Named(b"content")}},
    "a file of text": lambda: {"files": {"a": text()}},
    "a name": lambda: {"files": {"a": ("b.txt", b"content")}},
    "a type": lambda: {"files": {"a": ("b.txt", b"content", "text/plain")}},
    "no type": lambda: {"files": {"a": ("b.txt", b"content", None)}},
    "headers": lambda: {"files": {"a": ("b.txt", b"content", "text/plain", {"X-One": "1", "X-Two": "2"})}},
    "odd names": lambda: {"files": {'a"b': ('c"\r\nä.txt', b"content")}},
    "pairs": lambda: {"files": [("a", b"1"), ("a", ("x", b"2")), ("b", b"3")]},
    "fields": lambda: {"files": {"a": b"1"}, "data": {"x": "y", "n": 7, "f": 1.5, "t": True, "none": None}},
    "fields of lists": lambda: {"files": {"a": b"1"}, "data": {"x": ["y", b"z", 3], "w": ("v",)}},
    "fields of pairs": lambda: {"files": {"a": b"1"}, "data": [("x", "1"), ("x", "2")]},
}


async def posted(client: Any, **form: Any) -> tuple[str, bytes]:
    """The type and the body that came to the target, without the boundary."""
    response = await client.post("/echo", **form)
    assert response.ok, response.error
    echo = response.json()
    kind = next(value for name, value in echo["headers"] if name.lower() == "content-type")
    boundary = kind.partition("boundary=")[2]
    body = base64.b64decode(echo["body"]) if echo["body_encoding"] == "base64" else echo["body"].encode()
    return kind.replace(boundary, "B"), body.replace(boundary.encode(), b"B")


def expected(**form: Any) -> tuple[str, bytes]:
    request = requests.Request("POST", "http://h/", **form).prepare()
    kind = str(request.headers["Content-Type"])
    boundary = kind.partition("boundary=")[2]
    assert isinstance(request.body, bytes)
    return kind.replace(boundary, "B"), request.body.replace(boundary.encode(), b"B")


@pytest.fixture(params=["asyncio", "trio"])
def run(request: pytest.FixtureRequest) -> Callable[[Any], None]:
    def run(main: Any) -> None:
        if request.param == "asyncio":
            asyncio.run(main(asyncio_backend))
        else:
            trio.run(main, trio_backend)

    return run


def test_forms_are_as_requests_writes_them(run: Callable[[Any], None], target: str) -> None:
    async def main(backend: Any) -> None:
        client = backend.client_here(None, target)
        for name, make in FORMS.items():
            assert await posted(client, **make()) == expected(**make()), name

    run(main)


def test_a_file_of_the_disk(run: Callable[[Any], None], target: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "upload.txt"
    path.write_bytes(b"x" * 100_000)

    async def main(backend: Any) -> None:
        client = backend.client_here(None, target)
        with path.open("rb") as file:
            kind, body = await posted(client, files={"upload": file})
        assert b'name="upload"; filename="upload.txt"' in body
        assert body.count(b"x") > 100_000
        assert kind == "multipart/form-data; boundary=B"

    run(main)


def test_what_is_no_file(run: Callable[[Any], None], target: str) -> None:
    async def main(backend: Any) -> None:
        client = backend.client_here(None, target)
        for form in ({"files": {"a": 5}}, {"files": b"content"}, {"files": {"a": b"1"}, "data": "text"}):
            with pytest.raises(TypeError, match="files must be a dict"):
                await client.post("/echo", **form)

        class Strange:
            def read(self) -> int:
                return 7

        with pytest.raises(TypeError, match="neither bytes nor text"):
            await client.post("/echo", files={"a": Strange()})
        assert client.in_flight == 0

    run(main)


def test_nothing_to_send(run: Callable[[Any], None], target: str) -> None:
    async def main(backend: Any) -> None:
        client = backend.client_here(None, target)
        response = await client.post("/echo", files=None, data={"a": "b"})
        assert response.json()["body"] == "a=b"
        response = await client.post("/echo", files={}, data={}, json={"a": 1})
        assert response.json()["body"] == '{"a": 1}'

    run(main)
