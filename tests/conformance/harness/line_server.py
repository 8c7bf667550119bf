"""Servers that answer text, for the examples of users that speak no HTTP."""
import socketserver
import threading


class _Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.server.answered += 1
            self.wfile.write(b"pong to " + line)


class LineServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Lines)
        self.answered = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "line://127.0.0.1:%d" % self.server_address[1]


class _Datagrams(socketserver.BaseRequestHandler):
    def handle(self):
        data, socket = self.request
        self.server.answered += 1
        socket.sendto(b"answer to " + data, self.client_address)


class DatagramServer(socketserver.UDPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Datagrams)
        self.answered = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def host(self):
        return "127.0.0.1:%d" % self.server_address[1]
