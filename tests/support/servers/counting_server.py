"""Servers that count the requests that they begin to answer: nginx, uvicorn, and the one of Python's library.

GET has /small, /large and /half at once and /pieces in chunks; PUT takes any body at /text and /made.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import nginx
import server_process
from ports import free_port

BODIES = {"/small": b"small", "/large": b"large" * 60_000, "/half": b"half" * 75_000, "/pieces": b"a piece." * 6_000}
PIECE = 4_000
"""Of /pieces."""

SERVER = """
  log_format counts '$request_method $uri';
  access_log {folder}/access.log counts;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/files;
    location = /there {{ access_log off; return 200; }}
    location = /text {{ return 200 taken; }}
    location = /made {{ return 200 taken; }}
  }}
"""
counts: Counter[str] = Counter()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """For uvicorn."""
    if scope["type"] != "http":
        return
    path = scope["path"]
    if path != "/counts":
        counts[f"{scope['method']} {path}"] += 1
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    body = json.dumps(counts).encode() if path == "/counts" else BODIES.get(path, b"taken")
    chunked = path == "/pieces"
    length = [] if chunked else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    for begin in range(0, len(body), PIECE if chunked else len(body)):
        piece = body[begin : begin + PIECE] if chunked else body
        await send({"type": "http.response.body", "body": piece, "more_body": begin + len(piece) < len(body)})


class Handler(BaseHTTPRequestHandler):
    """For the server of Python's library."""

    protocol_version = "HTTP/1.1"
    lock = threading.Lock()

    def log_message(self, *_: Any) -> None:
        pass

    def answer(self) -> None:
        body = json.dumps(counts).encode() if self.path == "/counts" else BODIES.get(self.path, b"taken")
        self.send_response(200)
        if self.path != "/pieces":
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for begin in range(0, len(body), PIECE):
            piece = body[begin : begin + PIECE]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def count(self) -> None:
        with self.lock:
            counts[f"{self.command} {self.path}"] += 1

    def do_GET(self) -> None:
        if self.path != "/counts":
            self.count()
        self.answer()

    def do_PUT(self) -> None:
        self.count()
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline() or b"0", 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
        else:
            self.rfile.read(int(self.headers["Content-Length"]))
        self.answer()


class Server(ThreadingHTTPServer):
    request_queue_size = 200
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has left, as all do when a test ends."""


@contextmanager
def _nginx(folder: pathlib.Path, port: int) -> Iterator[Callable[[], Counter[str]]]:
    folder = folder / "nginx"
    (folder / "files").mkdir(parents=True)
    for path, body in BODIES.items():
        (folder / "files" / path[1:]).write_bytes(body)
    for directory in (folder, folder / "files"):
        directory.chmod(0o755)
    command = nginx.configured(folder, SERVER.format(folder=folder, port=port))
    with server_process.running(command, lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/there").read()):
        yield lambda: Counter((folder / "access.log").read_text().splitlines())


@contextmanager
def running(kind: str, folder: pathlib.Path) -> Iterator[tuple[str, Callable[[], Counter[str]]]]:
    """ "nginx", "uvicorn" or "python": its URL, and what says how often it was asked, by "METHOD path"."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    if kind == "nginx":
        with _nginx(folder, port) as asked:
            yield url, asked
        return

    def asked() -> Counter[str]:
        return Counter(json.load(urllib.request.urlopen(f"{url}/counts", timeout=20)))

    commands = {
        "uvicorn": ["-m", "uvicorn", "counting_server:app", "--port", port, "--log-level", "error"],
        "python": [__file__, port],
    }
    path = os.pathsep.join([str(pathlib.Path(__file__).parent), *sys.path])
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, *commands[kind]]
    with server_process.running(command, asked, cwd=pathlib.Path(__file__).parent, env=environment):
        yield url, asked


if __name__ == "__main__":
    Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
