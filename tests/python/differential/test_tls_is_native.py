"""Which requests with certificates of their own the engine sends, and which it leaves to Locust's libraries."""

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


CONTEXTS = """
import logging, os, pathlib, ssl, sys
from katydid.gevent import install
install()
import gevent.ssl
import locust
from geventhttpclient.client import HTTPClientPool
from locust.env import Environment
from locust.event import Events

logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
site, club, folder = sys.argv[1:]
authority, pair = folder + "/authority.pem", (folder + "/client.pem", folder + "/client.key")

def made(change=lambda context: None, trusted=authority, folder=None, text=None):
    context = gevent.ssl.create_default_context(cafile=trusted, capath=folder, cadata=text)
    context.check_hostname = False
    context.load_cert_chain(*pair)
    change(context)
    return context

def with_others(cafile):
    context = gevent.ssl.create_default_context()
    context.load_verify_locations(authority)
    context.load_cert_chain(folder + "/client-and-key.pem")
    return context

class Own(gevent.ssl.SSLContext):
    pass

def unchecked(cls=gevent.ssl.SSLContext):
    context = cls(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.load_cert_chain(*pair)
    return context

def vanished():
    copies = [pathlib.Path(f"{name}-{os.getpid()}") for name in pair]
    for copy, name in zip(copies, pair):
        copy.write_bytes(pathlib.Path(name).read_bytes())
    context = made(lambda context: context.load_cert_chain(*copies))
    for copy in copies:
        copy.unlink()
    return context

text = pathlib.Path(authority).read_text()
native = {
    "a file": made,
    "a file and the system's": lambda: made(lambda context: context.load_default_certs()),
    "what geventhttpclient hands over": with_others,
    "a text": lambda: made(text=text, trusted=None),
    "a folder": lambda: made(folder=folder + "/hashed", trusted=None),
    "nothing checked": unchecked,
    "ALPN": lambda: made(lambda context: context.set_alpn_protocols(["http/1.1"])),
}
not_native = {
    "ciphers": lambda: made(lambda context: context.set_ciphers("ECDHE+AESGCM")),
    "maximum_version": lambda: made(lambda c: setattr(c, "maximum_version", ssl.TLSVersion.TLSv1_2)),
    "options": lambda: made(lambda c: setattr(c, "options", c.options | ssl.OP_NO_TICKET)),
    "a class": lambda: unchecked(Own),
    "attributes": lambda: made(lambda context: setattr(context, "name", "its")),
    "password": lambda: made(lambda context: context.load_cert_chain(*pair, password="none")),
    "ALPN of": lambda: made(lambda context: context.set_alpn_protocols(["http/1.1", "h2"])),
    "curve": lambda: made(lambda context: context.set_ecdh_curve("prime256v1")),
    "as bytes": lambda: made(text=ssl.PEM_cert_to_DER_cert(text), trusted=None),
    "keys": lambda: made(lambda context: setattr(context, "keylog_filename", "keys.log")),
    "two client certificates": vanished,
}
counted = 0
for cases, own in ((native, False), (not_native, True)):
    for name, factory in cases.items():
        for settings in ({"ssl_context_factory": staticmethod(factory)},
                         {"client_pool": HTTPClientPool(ssl_context_factory=factory, insecure=True)}):
            user_class = type("U", (locust.FastHttpUser,), {"host": club, "tasks": [print], **settings})
            environment = Environment(user_classes=[user_class], events=Events())
            environment.create_local_runner()
            for client in [user_class(environment).client for _ in range(2)]:
                for number in range(2):
                    assert client.get(f"/hello/{number}").status_code == 200, (name, settings)
                assert client.get(site + "/redirect/302").status_code == 200, (name, settings)
                assert client._own is own, (name, settings)
            counted += environment.stats.total.num_requests
            environment.runner.quit()
print("counted", counted, flush=True)
os._exit(0)
"""


def asked(target: RecordingTarget, folder: pathlib.Path, program: str) -> str:
    """What the program prints, whose arguments are a site, one that demands a certificate, and the certificates."""
    certificates = Certificates(folder / "certificates")
    ports = target.listen_tls(certificates.server()), target.listen_tls(certificates.server(demands_certificate=True))
    urls = [f"https://127.0.0.1:{port}" for port in ports]
    command = [sys.executable, "-c", program, *urls, str(certificates.folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    return done.stdout


def test_certificates_do_not_leave_the_engine(target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    printed = asked(target, tmp_path, PROGRAM)
    assert "counted 19 2" in printed
    assert "such requests are sent by requests" not in printed
    assert len(target.take()) == 21  # with four more after redirects, and less what was refused


def test_contexts_do_not_leave_the_engine(target: RecordingTarget, tmp_path: pathlib.Path) -> None:
    printed = asked(target, tmp_path, CONTEXTS)
    kinds = 7 + 11
    assert f"counted {kinds * 2 * 2 * 3}" in printed
    assert len(target.take()) == kinds * 2 * 2 * 4  # with one more after each redirect
    told = [line for line in printed.splitlines() if "geventhttpclient sends such users' requests" in line]
    for name in (
        *("ciphers", "maximum_version", "options", "a class", "password", "ALPN of", "a curve", "as bytes"),
        *("a file for its keys", "two client certificates"),
    ):
        assert any(name in line for line in told), name
    assert len(told) == 10
