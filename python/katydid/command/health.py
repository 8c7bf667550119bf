"""Answers `katydid --health` for a process whose loop is Python's own, as worker/process/health_server.hpp does it."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import secrets
import socket
import struct
import sys
from collections.abc import Callable
from typing import Any

logger = logging.getLogger("katydid.health")

Socket = socket.SocketType
"""The C type, whatever Locust has put in the place of Python's."""


class Answers:
    """Of this process. A child that is forked has to listen for itself."""

    def __init__(self) -> None:
        self._process = 0
        self._listener: Socket | None = None
        self._watch: object = None
        self.state: Callable[[], str] = lambda: "runs"

    def listen(self, watch: Callable[[int, Callable[[], None]], object]) -> None:
        """`watch` calls when a descriptor is readable, from the loop itself: a loop that hangs does not answer."""
        if self._process == os.getpid() or sys.platform != "linux":
            return
        if self._listener is not None:
            self._listener.close()  # the parent's
        self._process = os.getpid()
        listener = Socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(f"\0katydid-health/{self._process}-{secrets.randbits(32)}".encode())
            listener.listen(16)
        except OSError as error:
            logger.warning("katydid --health will not find this process: %s", error)
            return
        listener.setblocking(False)
        self._listener = listener
        self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._watch = watch(listener.fileno(), self._answer)

    def _answer(self) -> None:
        with contextlib.suppress(OSError), contextlib.closing(self._accept()) as asker:
            _, user, _ = struct.unpack("3i", asker.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            if user in (0, os.geteuid()):
                asker.setblocking(False)
                asker.send(f"well {self.state()}\n".encode())

    def _accept(self) -> Socket:
        """Where no descriptor is left, the spare one serves: who asks would keep the loop busy until there is one."""
        listener: Any = self._listener
        try:
            return Socket(fileno=listener._accept()[0])
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                os.close(self._spare)
                with contextlib.suppress(OSError):
                    os.close(listener._accept()[0])
                self._spare = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
            raise


answers = Answers()
