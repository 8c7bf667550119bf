"""The connection to the master in place of Locust's `rpc.Client`: native, with heartbeats that need no Python."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable
from typing import Any

from gevent import get_hub
from locust import runners
from locust.rpc import Message, zmqrpc

from katydid import _native
from katydid.texts import sendable

from .lingering import lingering

logger = logging.getLogger("katydid.gevent")

LINGER = 1.0
"""Seconds that the last messages are given when the process ends."""

_told: set[str] = set()
"""The types of messages that a log line was written about."""

_STATES = {"client_ready": "ready", "spawning": "spawning", "spawning_complete": "running"}
"""What a message says of the worker's state before the next heartbeat does."""


class Client:
    """What a WorkerRunner needs of `locust.rpc.Client`."""

    def __init__(self, host: str, port: int, identity: str) -> None:
        self._link = _native.Link(host, port, identity)
        self._beating = False
        self.heard: Callable[[Message], bool] | None = None
        """Gets each message of the master's first, and says whether it was for it alone."""
        if self._link.warning:
            logger.warning(self._link.warning)
        atexit.register(self.close, LINGER)

    def send(self, msg: Message) -> None:
        """Takes the message; it is sent as soon as there is a master to take it."""
        if msg.type == "heartbeat":
            self._beating = True
            self._link.heartbeat(msg.data["state"], runners.HEARTBEAT_INTERVAL)
            return
        state = _STATES.get(msg.type)
        if state is not None and self._beating:
            self._link.heartbeat(state, runners.HEARTBEAT_INTERVAL)
        self._link.send(_bytes_of(msg), msg.type, _requests_in(msg))

    def recv(self) -> Message:
        """The next message of the master; waits for it."""
        while True:
            frame = self._link.receive()
            if frame is not None:
                message: Message = Message.unserialize(frame)
                if message.type in ("spawn", "quit"):
                    lingering.limit = lingering.QUIT_LIMIT if message.type == "quit" else lingering.STOP_LIMIT
                if self.heard is not None and self.heard(message):
                    continue
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


def _requests_in(msg: Message) -> int:
    """Of a report."""
    if msg.type != "stats":
        return 0
    total = msg.data.get("stats_total")
    return int(total["num_requests"]) if total else 0


def _bytes_of(msg: Message) -> bytes:
    """The message as msgpack; what msgpack cannot take goes as text, for one name must not keep back all others."""
    try:
        frame: bytes = msg.serialize()
    except (TypeError, ValueError, OverflowError) as error:
        if msg.type not in _told:
            _told.add(msg.type)
            logger.warning("A message to the master (%s) holds what can only be sent as text: %s", msg.type, error)
        frame = Message(msg.type, _plain(msg.data), msg.node_id).serialize()
    return frame


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return sendable(value)
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value) if abs(value) < 2**1023 else str(value)
    try:
        Message("", value, "").serialize()
    except (TypeError, ValueError, OverflowError):
        return _text_of(value)
    return value


def _text_of(value: object) -> str:
    try:
        return sendable(str(value))
    except Exception:
        return object.__repr__(value)


_locusts_own = zmqrpc.Client


def client(host: str, port: int, identity: str) -> Any:
    """For `rpc.Client`: the native one, unless somebody has put one of theirs in the place of Locust's."""
    if zmqrpc.Client is not _locusts_own:
        return zmqrpc.Client(host, port, identity)
    return Client(host, port, identity)
