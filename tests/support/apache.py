"""A real web server with digest authentication, where Apache is installed."""

from __future__ import annotations

import contextlib
import hashlib
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

from ports import free_port, wait_for_port

PROGRAM = shutil.which("apache2") or shutil.which("httpd")
"""None where it is not installed (tools/setup --tests)."""
MODULES = pathlib.Path("/usr/lib/apache2/modules")
REALM = "members"
_MODULES = ["mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_digest", "log_config"]


class Apache:
    def __init__(self, port: int, log: pathlib.Path) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = log

    def served(self) -> list[str]:
        """What it has answered so far: "GET /private 200"."""
        return self._log.read_text().splitlines()


@contextlib.contextmanager
def running(folder: pathlib.Path, user: str, password: str) -> Iterator[Apache]:
    """It has /private, for that user, and /public."""
    assert PROGRAM is not None
    port = free_port()
    root, log = folder / "htdocs", folder / "access.log"
    root.mkdir()
    for name in ("private", "public"):
        (root / name).write_text(f"{name}\n")
    secret = hashlib.md5(f"{user}:{REALM}:{password}".encode()).hexdigest()
    (folder / "passwords").write_text(f"{user}:{REALM}:{secret}\n")
    built_in = subprocess.run([PROGRAM, "-l"], capture_output=True, text=True, check=True).stdout
    loaded = [name for name in _MODULES if f"mod_{name}.c" not in built_in and f"{name}.c" not in built_in]
    (folder / "apache.conf").write_text(
        "".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so\n" for name in loaded)
        + f"""
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
LogFormat "%m %U %>s" short
CustomLog {log} short
DocumentRoot {root}
DefaultRuntimeDir {folder}
<Location /private>
  AuthType Digest
  AuthName "{REALM}"
  AuthDigestProvider file
  AuthUserFile {folder}/passwords
  Require valid-user
</Location>
"""
    )
    process = subprocess.Popen([PROGRAM, "-X", "-f", str(folder / "apache.conf")])
    try:
        wait_for_port(port)
        yield Apache(port, log)
    finally:
        process.terminate()
        process.wait()
