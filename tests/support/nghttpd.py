"""nghttpd, which comes with nghttp2's own library: a real HTTP/2 server of small files, where it is installed."""

from __future__ import annotations

import contextlib
import pathlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping

from certificates import Certificates
from ports import free_port, wait_for_port

PROGRAM = shutil.which("nghttpd", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
"""None where it is not installed (tools/setup --tests)."""
LAST_FRAME = re.compile(rb"send DATA frame <length=\d+, flags=0x01,")
"""With END_STREAM, as its log has it."""


class Nghttpd:
    def __init__(self, url: str, log: pathlib.Path) -> None:
        self.url = url
        self._log = log

    @property
    def completed(self) -> int:
        """Requests that were answered to the last byte."""
        return len(LAST_FRAME.findall(self._log.read_bytes()))


@contextlib.contextmanager
def running(folder: pathlib.Path, files: Mapping[str, str], *, secure: bool) -> Iterator[Nghttpd]:
    """`files`: what is in them by their paths. A POST to one is read to its end, and answered with the file."""
    assert PROGRAM is not None
    folder = folder / "nghttpd"
    root, log = folder / "files", folder / "log"
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    port = free_port()
    command = [PROGRAM, "--verbose", "--address=127.0.0.1", f"--htdocs={root}", str(port)]
    if secure:
        certificates = Certificates(folder)
        command += [str(certificates.path("server.key")), str(certificates.path("server.pem"))]
    else:
        command.insert(1, "--no-tls")
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_for_port(port)
        yield Nghttpd(f"{'https' if secure else 'http'}://127.0.0.1:{port}", log)
    finally:
        process.kill()
        process.wait()
