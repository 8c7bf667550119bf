"""Certificates for tests, made by OpenSSL's program: an authority with a server, and client certificates."""

from __future__ import annotations

import pathlib
import ssl
import subprocess

_EXTENSIONS = """
[req]
distinguished_name = name
prompt = no
[name]
CN = katydid
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = CA:FALSE
subjectAltName = IP:127.0.0.1, DNS:localhost
authorityKeyIdentifier = keyid
[client]
basicConstraints = CA:FALSE
authorityKeyIdentifier = keyid
"""


class Certificates:
    """PEM files in a folder: `authority.pem` has signed `server.pem` and `client.pem`, `other.pem` has signed nothing.

    Each has its key in a file of its own, `client.key`; `client-and-key.pem` has both. `text.pem` is no certificate.
    The folder `hashed` has the authority's as OpenSSL looks it up.
    """

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = folder / "openssl.cnf"
        self._settings.write_text(_EXTENSIONS)
        self._make("authority", "authority")
        self._make("other", "authority")
        self._make("server", "server", signed_by="authority")
        self._make("client", "client", signed_by="authority")
        self.path("client-and-key.pem").write_text(
            self.path("client.pem").read_text() + self.path("client.key").read_text()
        )
        (folder / "hashed").mkdir(exist_ok=True)
        (folder / "hashed" / "authority.pem").write_text(self.path("authority.pem").read_text())
        subprocess.run(["openssl", "rehash", folder / "hashed"], check=True)
        self.path("text.pem").write_text("no PEM\n")

    def path(self, name: str) -> pathlib.Path:
        return self.folder / name

    def server(self, *, demands_certificate: bool = False) -> ssl.SSLContext:
        """The settings of a server; TLS 1.2, where a client is refused before it is connected."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.path("server.pem"), self.path("server.key"))
        if demands_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.path("authority.pem"))
        return context

    def _make(self, name: str, extensions: str, signed_by: str = "") -> None:
        command = ["openssl", "req", "-x509", "-config", self._settings, "-extensions", extensions, "-days", "2"]
        command += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}"]
        command += ["-out", self.path(f"{name}.pem"), "-keyout", self.path(f"{name}.key")]
        if signed_by:
            command += ["-CA", self.path(f"{signed_by}.pem"), "-CAkey", self.path(f"{signed_by}.key")]
        subprocess.run([str(each) for each in command], check=True, capture_output=True)
