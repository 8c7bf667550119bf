"""A child process with its output in a file; it never outlives the test."""
import ctypes
import os
import re
import signal
import subprocess

import pytest

from .wait import eventually

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Process:
    def __init__(self, name, command, folder, environment=None, cwd=None):
        self.name = name
        self.command = [str(part) for part in command]
        self.log = folder / f"{name}.log"
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("LOCUST_")}
        with open(self.log, "wb") as output:
            self._popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=cwd or folder,
                env={**inherited, "PYTHONUNBUFFERED": "1", **(environment or {})},
                preexec_fn=_die_with_parent,
            )

    @property
    def pid(self):
        return self._popen.pid

    @property
    def alive(self):
        return self._popen.poll() is None

    @property
    def exit_code(self):
        """None while it runs; minus the signal's number when a signal ended it."""
        return self._popen.poll()

    def output(self):
        return self.log.read_text(errors="replace")

    def wait_for_output(self, pattern, timeout=30.0):
        """The match of `pattern` in the output; fails at once when the process ends without it."""

        def look():
            ended = not self.alive
            found = re.search(pattern, self.output())
            if ended and not found:
                pytest.fail(f"{self.name} ended with {self.exit_code} and never printed {pattern!r}")
            return found

        return eventually(look, f"{self.name} prints {pattern!r}", timeout)

    def signal(self, number):
        self._popen.send_signal(number)

    def kill(self):
        """kill -9, as a crash or the out-of-memory killer would."""
        self._popen.kill()
        self._popen.wait()

    def terminate(self, timeout=30.0):
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def wait(self, timeout=30.0):
        try:
            return self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            pytest.fail(f"{self.name} did not end within {timeout:g} s")
