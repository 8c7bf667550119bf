"""The shop of the tutorials: the commands of the page make it, and its own log has what it answered."""

from __future__ import annotations

import pathlib
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ports import free_port, wait_for_port


@dataclass
class Shop:
    url: str
    log: pathlib.Path

    @property
    def answered(self) -> int:
        return self.log.read_text().count('"GET ')


@contextmanager
def running(page: pathlib.Path, folder: pathlib.Path) -> Iterator[Shop]:
    """As the second step of a tutorial says, with other ports and another folder."""
    found = re.search(r"## 2\. .*?```sh\n(.*?)```", page.read_text(), re.DOTALL)
    assert found is not None, f"{page.name} has no commands for a shop"
    port = free_port()
    commands = found[1].replace("~/first", str(folder)).replace(" 8000 ", f" {port} ").replace(" &\n", "\n")
    commands = commands.replace("python3 -m", "exec python3 -u -m")
    process = subprocess.Popen(["sh", "-ec", commands])
    try:
        wait_for_port(port)
        yield Shop(f"http://127.0.0.1:{port}", folder / "shop.log")
    finally:
        process.kill()
        process.wait()
