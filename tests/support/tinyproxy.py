"""A real HTTP proxy, where tinyproxy is installed."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

from ports import free_port

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
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < end, "tinyproxy does not listen"
            time.sleep(0.05)
        else:
            return
