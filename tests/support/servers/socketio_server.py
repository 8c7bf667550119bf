"""A Socket.IO server that counts what it answers: python-socketio's own, on threads.

`python socketio_server.py PORT`.
"""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import server_process
from ports import free_port

counts = {"connected": 0, "called": 0, "pushed": 0}
counting = threading.Lock()


def count(what: str) -> int:
    with counting:
        counts[what] += 1
        return counts[what]


def main(port: int) -> None:
    import socketio
    from werkzeug.serving import run_simple

    server = socketio.Server(async_mode="threading")

    @server.event
    def connect(sid: str, environ: dict[str, Any]) -> None:
        count("connected")

    @server.event
    def echo(sid: str, data: str) -> str:
        if count("called") % 5 == 0:
            count("pushed")
            server.emit("news", "something happened", to=sid)
        return data

    def tell(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(counts).encode()]

    run_simple("127.0.0.1", port, socketio.WSGIApp(server, tell), threaded=True)


@contextmanager
def running() -> Iterator[tuple[str, Any]]:
    """Its URL, and a function that asks for its counts."""
    url = f"http://127.0.0.1:{free_port()}"

    def ask() -> Any:
        with urllib.request.urlopen(f"{url}/counts", timeout=5) as answer:
            return json.load(answer)

    command = [sys.executable, pathlib.Path(__file__), url.rpartition(":")[2]]
    with server_process.running(command, ask, stderr=subprocess.DEVNULL):
        yield url, ask


if __name__ == "__main__":
    main(int(sys.argv[1]))
