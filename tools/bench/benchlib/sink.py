"""A target that costs next to nothing: a thread for each core, and nothing that goes from core to core."""

import contextlib
import urllib.request

from benchlib.machine import ROOT, free_port, server

SINK = ROOT / "build/release/tools/bench/katydid_sink"


class Sink:
    """GET of anything answers with nginx's 54 bytes, and a WebSocket is an echo."""

    def __init__(self, threads, first_core=0, arrivals=None):
        """`arrivals` is a file for the times at which requests came, or nothing."""
        self._threads, self._first_core, self._port = threads, first_core, free_port()
        self._arrivals = ["--arrivals", arrivals] if arrivals else []
        self.host = f"http://127.0.0.1:{self._port}"

    def served(self):
        """Requests that it has answered, those to here apart."""
        return int(urllib.request.urlopen(f"{self.host}/count", timeout=10).read())

    @contextlib.contextmanager
    def running(self):
        options = ["--port", self._port, "--threads", self._threads, "--first-core", self._first_core, *self._arrivals]
        with server([str(each) for each in [SINK, *options]], self.served):
            yield self
