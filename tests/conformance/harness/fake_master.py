"""A master that says what no real one does: damaged frames, old spawn messages, silence."""
import time

import msgpack
import pytest
import zmq

from ports import free_port


class FakeMaster:
    def __init__(self, port=None):
        self.port = port or free_port()
        self._socket = zmq.Context.instance().socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self._socket.bind(f"tcp://127.0.0.1:{self.port}")
        self.worker = None  # identity of whoever spoke last
        self.answers_heartbeats = True
        self._timestamp = time.time()

    def close(self):
        self._socket.close()

    def receive(self, timeout=10.0):
        """The next [type, data, node id], or None after `timeout` seconds. Heartbeats are answered on the way."""
        if not self._socket.poll(max(0, timeout) * 1000):
            return None
        self.worker, frame = self._socket.recv_multipart()
        message = msgpack.unpackb(frame, strict_map_key=False)
        if message[0] == "heartbeat" and self.answers_heartbeats:
            self.send("heartbeat", None)
        return message

    def expect(self, wanted, timeout=15.0):
        """The data of the next message of that type; others are passed over."""
        deadline = time.monotonic() + timeout
        seen = []
        while message := self.receive(deadline - time.monotonic()):
            if message[0] == wanted:
                return message[1]
            seen.append(message[0])
        pytest.fail(f"no {wanted!r} within {timeout:g} s; what came: {seen}")

    def listen(self, seconds):
        """All that comes within that time: (seconds since the start, type, data)."""
        began = time.monotonic()
        heard = []
        while (left := began + seconds - time.monotonic()) > 0:
            if message := self.receive(left):
                heard.append((time.monotonic() - began, message[0], message[1]))
        return heard

    def send_frame(self, *frames):
        self._socket.send_multipart([self.worker, *frames])

    def send(self, kind, data):
        self.send_frame(msgpack.packb([kind, data, self.worker.decode()]))

    def admit(self):
        """Waits for a worker and acknowledges it."""
        ready = self.expect("client_ready", timeout=30)
        self.send("ack", {"index": 0})
        return ready

    def spawn(self, counts, host="http://127.0.0.1:9", age=0.0, **more):
        """As a 2.47 master dispatches it; `age` makes it older than the last one."""
        if not age:
            self._timestamp = time.time()
        data = {
            "timestamp": self._timestamp - age,
            "user_classes_count": counts,
            "host": host,
            "stop_timeout": 0.0,
            "parsed_options": {"tags": None, "exclude_tags": None, "host": host},
            **more,
        }
        self.send("spawn", data)
