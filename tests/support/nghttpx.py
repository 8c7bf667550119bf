"""A real HTTP/2 proxy in front of a server that speaks HTTP/1.1, where nghttpx is installed.

So the server's count of requests is that of what was asked by HTTP/2.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

from certificates import Certificates
from ports import free_port, wait_for_port

PROGRAM = shutil.which("nghttpx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
"""None where it is not installed (tools/setup --tests)."""


@dataclass
class Proxy:
    url: str
    """By prior knowledge, without TLS."""
    tls_url: str


@contextlib.contextmanager
def running(folder: pathlib.Path, port: int) -> Iterator[Proxy]:
    """In front of a port of 127.0.0.1."""
    assert PROGRAM is not None
    certificates = Certificates(folder / "nghttpx")
    plain, secure = free_port(), free_port()
    process = subprocess.Popen(
        [
            PROGRAM,
            "--conf=/dev/null",
            "--workers=1",
            "--single-process",
            "--no-server-rewrite",
            "--no-ocsp",
            "--errorlog-file=/dev/null",
            f"-f127.0.0.1,{plain};no-tls",
            f"-f127.0.0.1,{secure}",
            f"-b127.0.0.1,{port};;proto=http/1.1",
            "--backend-connections-per-host=1000",
            str(certificates.path("server.key")),
            str(certificates.path("server.pem")),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(plain)
        wait_for_port(secure)
        yield Proxy(f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}")
    finally:
        process.kill()
        process.wait()
