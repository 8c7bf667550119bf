"""A proxy of its own process that speaks HTTP/2, and how it is started and ended."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ports import wait_for_port


@dataclass
class Proxy:
    url: str
    """By prior knowledge, without TLS."""
    tls_url: str


@contextlib.contextmanager
def serving(command: Sequence[str], plain: int, secure: int) -> Iterator[Proxy]:
    """Once it takes connections on both ports of 127.0.0.1."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(plain)
        wait_for_port(secure)
        yield Proxy(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}")
    finally:
        process.kill()
        process.wait()
