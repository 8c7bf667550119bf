"""A DNS server that answers every question for an IPv4 address as a test says, on UDP port 53."""

import socket
import threading

NO_SUCH_NAME, FAILURE = 3, 2
TTL = 1
A, CLASS_IN = 1, 1


class Resolver:
    def __init__(self, host):
        self.answer = host
        """An address, or "no such name", "failure", "silence"."""
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 53))
        self._socket.settimeout(0.2)
        self._open = True
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._open = False
        self._thread.join(5)
        self._socket.close()

    def _serve(self):
        while self._open:
            try:
                question, asker = self._socket.recvfrom(1500)
            except TimeoutError:
                continue
            self.asked += 1
            if self.answer != "silence":
                self._socket.sendto(self._answer_to(question), asker)

    def _answer_to(self, message):
        end = message.index(b"\0", 12) + 5
        question, kind = message[12:end], int.from_bytes(message[end - 4 : end - 2], "big")
        code = {"no such name": NO_SUCH_NAME, "failure": FAILURE}.get(self.answer, 0)
        records = b""
        if code == 0 and kind == A:
            records = b"\xc0\x0c" + b"".join(n.to_bytes(2, "big") for n in (A, CLASS_IN)) + TTL.to_bytes(4, "big")
            records += b"\x00\x04" + socket.inet_aton(self.answer)
        head = [0x8180 | code, 1, 1 if records else 0, 0, 0]  # flags, and the numbers of questions and records
        return message[:2] + b"".join(n.to_bytes(2, "big") for n in head) + question + records
