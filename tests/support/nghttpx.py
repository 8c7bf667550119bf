"""A real HTTP/2 proxy in front of a server that speaks HTTP/1.1, where nghttpx is installed.

So the server's count of requests is that of what was asked by HTTP/2.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
from collections.abc import Iterator

from certificates import Certificates
from http2_proxy import Proxy, serving
from ports import free_port

PROGRAM = shutil.which("nghttpx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
"""None where it is not installed (tools/setup --tests)."""


@contextlib.contextmanager
def running(folder: pathlib.Path, port: int) -> Iterator[Proxy]:
    """In front of a port of 127.0.0.1."""
    assert PROGRAM is not None
    certificates = Certificates(folder / "nghttpx")
    plain, secure = free_port(), free_port()
    command = [
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
    ]
    with serving(command, plain, secure) as proxy:
        yield proxy
