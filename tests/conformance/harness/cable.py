"""A cable that can be pulled: what lies between a worker and its master is passed on, until it is cut."""

import contextlib
import socket
import threading


class Cable:
    def __init__(self, port):
        self._to = port
        self._ends = []
        self._whole = threading.Event()
        self._whole.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Ends all connections. New ones end at once, until mend()."""
        self._whole.clear()
        for end in self._ends:
            with contextlib.suppress(OSError):  # the other side was faster
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def mend(self):
        self._whole.set()

    def _accept(self):
        while True:
            near, _ = self._listener.accept()
            if not self._whole.is_set():
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self._to))
            self._ends += [near, far]
            for ends in (near, far), (far, near):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    @staticmethod
    def _pass_on(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_RDWR)
