"""A real HTTP proxy, where tinyproxy is installed."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

from ports import free_port, wait_for_port

PROGRAM = shutil.which("tinyproxy")
"""None where it is not installed (tools/setup --tests)."""


@contextlib.contextmanager
def running(folder: pathlib.Path, *settings: str) -> Iterator[int]:
    """One with these lines among its settings; the port that it listens on."""
    assert PROGRAM is not None
    port = free_port()
    file = folder / "tinyproxy.conf"
    lines = [f"Port {port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 60", *settings]
    file.write_text("".join(f"{line}\n" for line in lines))
    process = subprocess.Popen([PROGRAM, "-d", "-c", str(file)], stdout=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        yield port
    finally:
        process.terminate()
        process.wait()
