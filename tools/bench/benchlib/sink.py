"""A target that costs next to nothing: a thread for each core, and nothing that goes from core to core."""

import contextlib
import subprocess
import time
import urllib.request

from benchlib.machine import ROOT, free_port

SINK = ROOT / "build/release/tools/bench/katydid_sink"


class Sink:
    """GET of anything answers with nginx's 54 bytes."""

    def __init__(self, threads):
        self._threads, self._port = threads, free_port()
        self.host = f"http://127.0.0.1:{self._port}"

    def served(self):
        """Requests that it has answered, those to here apart."""
        return int(urllib.request.urlopen(f"{self.host}/count", timeout=10).read())

    @contextlib.contextmanager
    def running(self):
        server = subprocess.Popen(
            [SINK, "--port", str(self._port), "--threads", str(self._threads)], stdout=subprocess.DEVNULL
        )
        try:
            for _ in range(100):
                with contextlib.suppress(OSError):
                    self.served()
                    break
                time.sleep(0.05)
            yield self
        finally:
            server.terminate()
            server.wait()
