"""Downloads that are checked and not kept, and uploads that are made as they are sent: large bodies in little memory.

katydid -f examples/python/bodies.py --headless -u 4 -t 10s --host http://127.0.0.1:8080
"""

import pathlib
from collections.abc import Iterator
from typing import BinaryIO

from katydid import AsyncUser, between, task

KNOWN = "7fb3805e303894be6adc98d56363ed942dca378e0c4691ddca55f2176eb2b8fc"


def pieces() -> Iterator[bytes]:
    for _ in range(100):
        yield b"x" * 10_000


def itself() -> BinaryIO:
    return pathlib.Path(__file__).open("rb")


class Mirror(AsyncUser):
    wait_time = between(0.01, 0.05)

    @task
    async def download(self) -> None:
        answer = self.client.get("/bytes/1000000", discard_body=True, checksum="sha256", catch_response=True)
        async with answer as file:
            if file.checksum != KNOWN:
                file.failure("the download is damaged")

    @task
    async def send(self) -> None:
        taken = await self.client.post("/upload", data=pieces(), name="what is made")
        assert taken.json()["bytes"] == 1_000_000, "the server has another length"

    @task
    async def upload(self) -> None:
        with itself() as file:
            await self.client.put("/upload", data=file, name="a file")

    @task
    async def form(self) -> None:
        files = {"notes": ("notes.txt", "remember the milk")}
        await self.client.post("/upload", data={"kind": "notes"}, files=files, name="a form")
