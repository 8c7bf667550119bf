"""A real nginx that speaks HTTP/2 in front of a server that speaks HTTP/1.1, where it is installed.

So the server's count of requests is that of what was asked by HTTP/2. As it comes, nginx says goodbye (GOAWAY) after a
thousand requests of a connection.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
from collections.abc import Iterator

from certificates import Certificates
from http2_proxy import Proxy, serving
from ports import free_port

PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
"""None where it is not installed (tools/setup --tests)."""

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 2000; }}
http {{
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  {http}
}}
"""

HTTP2 = """
  access_log off;
  ssl_certificate {certificate};
  ssl_certificate_key {key};
  upstream target {{
    server 127.0.0.1:{port};
    keepalive 200;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{plain} http2;
    listen 127.0.0.1:{secure} ssl http2;
    {demands}
    location / {{
      proxy_pass http://target;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
"""


def configured(folder: pathlib.Path, http: str) -> list[str]:
    """Its command, with these directives of its http block."""
    assert PROGRAM is not None
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, http=http))
    return [PROGRAM, "-e", str(folder / "error.log"), "-p", str(folder), "-c", str(configuration)]


@contextlib.contextmanager
def running(folder: pathlib.Path, port: int, certificates: Certificates | None = None) -> Iterator[Proxy]:
    """In front of a port of 127.0.0.1; with `certificates`, by TLS only for those whom their authority has signed."""
    folder = folder / "nginx"
    demands = ""
    if certificates is not None:
        demands = f"ssl_client_certificate {certificates.path('authority.pem')}; ssl_verify_client on;"
    certificates = certificates or Certificates(folder)
    folder.mkdir(exist_ok=True)
    plain, secure = free_port(), free_port()
    http = HTTP2.format(
        certificate=certificates.path("server.pem"),
        key=certificates.path("server.key"),
        port=port,
        plain=plain,
        secure=secure,
        demands=demands,
    )
    command = configured(folder, http)
    with serving(command, plain, secure) as proxy:
        yield proxy
