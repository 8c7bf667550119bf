"""The link to the master over TLS, by the files that docs/security.md shows."""
import re
import shutil
import socket
import ssl

import pytest
from certificates import Certificates
from ports import free_port, wait_for_port

from harness.lab import ROOT

CONFIGURATIONS = ROOT / "deploy" / "stunnel"
PROGRAM = shutil.which("stunnel") or shutil.which("stunnel4")


@pytest.mark.parametrize("side", ["master", "worker"])
def test_the_page_shows_the_files(side):
    page = (ROOT / "docs" / "security.md").read_text()
    assert f"```ini\n{(CONFIGURATIONS / f'{side}.conf').read_text()}```" in page


@pytest.fixture
def tunnel(lab, tmp_path):
    """Starts one side with other ports than those of the file; certificates are in its working directory."""
    made = Certificates(tmp_path / "made")

    def start(side, certificate, folder, ports):
        folder.mkdir()
        for name, source in {side: certificate, "authority": "authority"}.items():
            for kind in ("pem", "key"):
                shutil.copy(made.path(f"{source}.{kind}"), folder / f"{name}.{kind}")
        text = (CONFIGURATIONS / f"{side}.conf").read_text().replace("MASTER", "localhost")
        for port, other in ports.items():
            text, found = re.subn(rf"(accept|connect) = (127.0.0.1:|localhost:|){port}\b", rf"\1 = 127.0.0.1:{other}", text)
            assert found == 1
        (folder / "stunnel.conf").write_text(text)
        return lab.run(f"stunnel-{side}", [PROGRAM, "stunnel.conf"], cwd=folder)

    start.certificates = made
    return start


@pytest.mark.katydid
@pytest.mark.skipif(PROGRAM is None, reason="stunnel is not installed; tools/setup --tests")
def test_a_worker_behind_a_tunnel(lab, tunnel, tmp_path):
    target = lab.target()
    hello = ROOT / "examples" / "hello.cpp"
    master = lab.master(
        lab.printed_locustfile(hello),
        run=f"-u 10 -r 10 -t 3s --host {target.url} --expect-workers 1 --stop-timeout 5",
    )
    secure, plain = free_port(), free_port()
    tunnel("master", "server", tmp_path / "at-the-master", {5558: secure, 5557: master.port})
    tunnel("worker", "client", tmp_path / "at-the-worker", {5557: plain, 5558: secure})
    wait_for_port(secure)
    wait_for_port(plain)

    stranger = ssl.create_default_context(cafile=tunnel.certificates.path("authority.pem"))
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        with socket.create_connection(("127.0.0.1", secure)) as raw:
            with stranger.wrap_socket(raw, server_hostname="localhost") as connection:
                connection.settimeout(10)
                assert connection.recv(1) != b"", "ZeroMQ greets whoever gets in"

    worker = lab.worker(hello, plain)
    final = master.final()
    assert worker.wait() == 0
    assert final["exit_code"] == 0
    assert final["total"]["num_requests"] == target.completed > 100
