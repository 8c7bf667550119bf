"""The connection to the master in place of Locust's `rpc.Client`: native, with heartbeats that need no Python."""

from __future__ import annotations

import atexit
import logging

from gevent import get_hub
from locust.rpc import Message

from katydid import _native

from .lingering import lingering

logger = logging.getLogger("katydid.gevent")

LINGER = 1.0
"""Seconds that the last messages are given when the process ends."""

_STATES = {"client_ready": "ready", "spawning": "spawning", "spawning_complete": "running"}
"""What a message says of the worker's state before the next heartbeat does."""


class Client:
    """What a WorkerRunner needs of `locust.rpc.Client`."""

    def __init__(self, host: str, port: int, identity: str) -> None:
        self._link = _native.Link(host, port, identity)
        self._beating = False
        if self._link.warning:
            logger.warning(self._link.warning)
        atexit.register(self.close, LINGER)

    def send(self, msg: Message) -> None:
        """Takes the message; it is sent as soon as there is a master to take it."""
        if msg.type == "heartbeat":
            self._beating = True
            self._link.heartbeat(msg.data["state"])
            return
        state = _STATES.get(msg.type)
        if state is not None and self._beating:
            self._link.heartbeat(state)
        self._link.send(msg.serialize())

    def recv(self) -> Message:
        """The next message of the master; waits for it."""
        while True:
            frame = self._link.receive()
            if frame is not None:
                message: Message = Message.unserialize(frame)
                if message.type in ("spawn", "quit"):
                    lingering.limit = lingering.QUIT_LIMIT if message.type == "quit" else lingering.STOP_LIMIT
                return message
            hub = get_hub()
            hub.wait(hub.loop.io(self._link.fileno(), 1))

    def reconnect(self) -> None:
        """A new connection with the same identity."""
        self._link.reconnect()

    def close(self, linger: float | None = None) -> None:
        """Ends the connection; what is to be sent may take so long."""
        atexit.unregister(self.close)
        self._link.close(linger or 0.0)
