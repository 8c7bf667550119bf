"""Network namespaces of a test: its servers in one, its worker in another, and a pair of interfaces between them.

Made by whoever enters them, for the thread that did so and all that it starts; they go away with the last process in
them. Nothing of the machine's own network is touched, nor can be reached.
"""

import ctypes
import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

NEW_NETWORK = 0x40000000
HOME, AWAY = "10.77.0.1", "10.77.0.2"
_libc = ctypes.CDLL(None, use_errno=True)


def _run(*command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=20)


def need_namespaces():
    """Skips where this machine has none for us."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces want root")
    for program in ("ip", "unshare", "nsenter"):
        if not shutil.which(program):
            pytest.skip(f"network namespaces want the program {program}")
    pair = ["ip", "link", "add", "kt0", "type", "veth", "peer", "name", "kt1"]
    tried = subprocess.run(["unshare", "--net", *pair], capture_output=True, text=True)
    if tried.returncode:
        pytest.skip(f"no network namespaces with veth here: {tried.stderr.strip()}")


class Network:
    """`home` is where the test itself is; `away` is for workers."""

    def __init__(self, away_pid):
        self._pid = away_pid

    @property
    def in_away(self):
        """Before a command that is to run there."""
        return ["nsenter", f"--net=/proc/{self._pid}/ns/net", "--"]

    def away(self, *command):
        _run(*self.in_away, *command)

    def down(self):
        self.away("ip", "link", "set", "kt1", "down")

    def up(self):
        self.away("ip", "link", "set", "kt1", "up")

    @staticmethod
    def add_home(address):
        _run("ip", "address", "add", f"{address}/24", "dev", "kt0")

    @staticmethod
    def pull():
        """The other end: the worker's interface stays up and has no carrier."""
        _run("ip", "link", "set", "kt0", "down")

    @staticmethod
    def plug_in():
        _run("ip", "link", "set", "kt0", "up")


@contextmanager
def network():
    need_namespaces()
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    holder = None
    try:
        if _libc.unshare(NEW_NETWORK):
            raise OSError(ctypes.get_errno(), "unshare")
        _run("ip", "link", "set", "lo", "up")
        holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo in; exec sleep 3600"], stdout=subprocess.PIPE)
        assert holder.stdout.readline() == b"in\n"
        _run("ip", "link", "add", "kt0", "type", "veth", "peer", "name", "kt1", "netns", holder.pid)
        _run("ip", "address", "add", f"{HOME}/24", "dev", "kt0")
        _run("ip", "link", "set", "kt0", "up")
        made = Network(holder.pid)
        made.away("ip", "link", "set", "lo", "up")
        made.away("ip", "address", "add", f"{AWAY}/24", "dev", "kt1")
        made.up()
        yield made
    finally:
        if holder:
            holder.kill()
            holder.wait()
        _libc.setns(before, NEW_NETWORK)
        os.close(before)
