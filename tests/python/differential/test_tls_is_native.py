"""Which requests with certificates of their own the engine sends, and which it leaves to requests."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from certificates import Certificates
from recording_target import RecordingTarget

PROGRAM = """
import logging, os, sys
from katydid.gevent import install
install()
import locust
from locust.env import Environment
from locust.event import Events

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
site, club, folder = sys.argv[1:]
user_class = type("U", (locust.HttpUser,), {"host": site, "tasks": [print]})
environment = Environment(user_classes=[user_class], events=Events())
environment.create_local_runner()
authority, pair = folder + "/authority.pem", (folder + "/client.pem", folder + "/client.key")

def by_requests(client):
    return client.__dict__["_engine_adapter"]._real is not None

# Composed in C++: nobody looks at the adapters.
client = user_class(environment).client
for number in range(3):
    assert client.get(f"/hello/{number}", verify=authority).status_code == 200
    assert client.post(club + "/echo", json={"number": number}, verify=authority, cert=pair).status_code == 200
client.verify = authority
client.cert = folder + "/client-and-key.pem"
for number in range(3):
    assert client.get(f"{club}/hello/{number}").status_code == 200
client.cert = None
assert client.get("/hello").status_code == 200
assert "adapters" not in client.__dict__
assert client.get(club + "/hello").status_code == 0
assert not by_requests(client)

# Prepared by requests, and sent by the engine.
client = user_class(environment).client
for number in range(3):
    assert client.get("/redirect/302", verify=authority).status_code == 200
    assert client.get(club + "/hello", cookies={"a": "b"}, verify=authority, cert=pair).status_code == 200
for cert in ("/nonexistent/c.pem", (pair[0], "/nonexistent/c.key")):
    try:
        client.get(club + "/hello", verify=authority, cert=cert)
    except OSError as error:
        assert "/nonexistent/c." in str(error)
    else:
        raise AssertionError("nobody has missed the file")
assert client.get("/redirect/302", verify=folder + "/hashed").status_code == 200
assert client.get("/hello", verify=folder).status_code == 0
assert not by_requests(client)
environment.runner.quit()
print("counted", environment.stats.total.num_requests, environment.stats.total.num_failures, flush=True)
os._exit(0)
"""


def test_certificates_do_not_leave_the_engine(target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    certificates = Certificates(tmp_path / "certificates")
    ports = target.listen_tls(certificates.server()), target.listen_tls(certificates.server(demands_certificate=True))
    urls = [f"https://127.0.0.1:{port}" for port in ports]
    command = [sys.executable, "-c", PROGRAM, *urls, str(certificates.folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert "counted 19 2" in done.stdout
    assert "such requests are sent by requests" not in done.stdout
    assert len(target.take()) == 21  # with four more after redirects, and less what was refused
