"""Ports for what a test starts."""

import itertools
import os
import random
import socket
import time


def _draw():
    own = os.environ.get("KATYDID_TEST_PORTS") or os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = 15000 + int(own) % 16 * 1000
    return itertools.cycle(random.sample(range(first, first + 1000), 1000))


_ports = _draw()


def free_port() -> int:
    """A port below those that the system gives to outgoing connections, so that no load takes it meanwhile.

    Whoever asks for it binds it later: each of pytest's parallel workers, and who sets KATYDID_TEST_PORTS, draws from a
    thousand of its own, and none a second time before all others.
    """
    while True:
        port = next(_ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_for_port(port: int) -> None:
    """Until somebody listens there."""
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < end, f"nobody listens on port {port}"
            time.sleep(0.05)
        else:
            return
