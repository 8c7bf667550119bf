"""The target of the benchmarks: nginx, whose own count of requests is the judge."""

import contextlib
import subprocess
import urllib.request

from benchlib.machine import free_port, pinned, server

BODY = "Hello, World! 0123456789012345678901234567890123456789"
CONFIGURATION = """
worker_processes {workers}; pid {dir}/nginx.pid; error_log {dir}/error.log crit; daemon off; worker_rlimit_nofile 20000;
events {{ worker_connections 19000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600s;
  client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u; scgi_temp_path {dir}/s;
  server {{ listen 127.0.0.1:{port} backlog=8192 reuseport; {more}
    location = /hello {{ {answer} }}
    {locations}
    location = /count {{ stub_status; }} }} }}
"""
TLS = """listen 127.0.0.1:{port} ssl {version} backlog=8192 reuseport;
    ssl_certificate {dir}/certificate.pem; ssl_certificate_key {dir}/key.pem; ssl_session_cache shared:all:10m;"""
H2C = "listen 127.0.0.1:{port} http2 backlog=8192 reuseport;"


class Nginx:
    """GET /hello answers with 54 bytes, or with `body` bytes; `locations` are what else there is, and may have a `file`."""

    def __init__(self, directory, cores="1", workers=1, body=0, tls=False, locations="", http2=False, file=b""):
        self._directory, self._cores, self._asked = directory, cores, 0
        self._port, port = free_port(), free_port()  # the first is for its counts, and for HTTP/1.1
        self.host = f"{'https' if tls else 'http'}://127.0.0.1:{port if tls or http2 else self._port}"
        answer = f'default_type text/plain; return 200 "{BODY}";'
        (directory / "answer").write_bytes(file)
        directory.chmod(0o755)  # nginx's workers are another user when this one is root
        if body:
            (directory / "body").write_bytes(b"x" * body)
            answer = f"default_type text/plain; alias {directory}/body;"
        if tls:
            self._make_certificate()
        more = ""
        if tls or http2:
            more = (TLS if tls else H2C).format(port=port, dir=directory, version="http2" if http2 else "")
        (directory / "nginx.conf").write_text(
            CONFIGURATION.format(workers=workers, dir=directory, port=self._port, more=more, answer=answer, locations=locations)
        )

    def _make_certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-keyout", self._directory / "key.pem", "-out", self._directory / "certificate.pem"],
            check=True, capture_output=True,
        )  # fmt: skip

    def served(self):
        """Requests that it has answered, those to here apart."""
        text = urllib.request.urlopen(f"http://127.0.0.1:{self._port}/count", timeout=10).read().decode()
        self._asked += 1
        return int(text.splitlines()[2].split()[2]) - self._asked

    @contextlib.contextmanager
    def running(self):
        command = ["nginx", "-p", self._directory, "-c", self._directory / "nginx.conf"]
        with server(pinned(self._cores, command), self.served):
            yield self
