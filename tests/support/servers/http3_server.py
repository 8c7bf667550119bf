"""An HTTP/3 server on aioquic that counts what it has answered.

`python http3_server.py PORT COUNTS_PORT CERTIFICATE KEY [IDLE_SECONDS]`. It listens on UDP alone; over TCP, GET of any
path of COUNTS_PORT has its counts: requests that were answered to the last byte, and connections.
/hello, /bytes/N, /delay/MILLISECONDS, /upload (says how many bytes came), /to?URL redirects, /reset breaks the answer
off, /close the connection.
"""

from __future__ import annotations

import asyncio
import collections
import importlib.util
import json
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import server_process
from ports import free_port

if TYPE_CHECKING:
    from certificates import Certificates

IS_INSTALLED = importlib.util.find_spec("aioquic") is not None
counts: dict[str, int] = collections.Counter()


@dataclass
class Asked:
    method: str
    path: str
    received: int = 0


def make_protocol() -> Any:
    from aioquic.asyncio import QuicConnectionProtocol
    from aioquic.h3.connection import H3_ALPN, ErrorCode, H3Connection
    from aioquic.h3.events import DataReceived, HeadersReceived
    from aioquic.quic.events import ProtocolNegotiated, StopSendingReceived, StreamReset

    class Protocol(QuicConnectionProtocol):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.http: Any = None
            self.asked: dict[int, Asked] = {}
            self.answering: dict[int, asyncio.Task[None]] = {}

        def quic_event_received(self, event: Any) -> None:
            if isinstance(event, ProtocolNegotiated) and event.alpn_protocol in H3_ALPN:
                self.http = H3Connection(self._quic)
                counts["connections"] += 1
            if isinstance(event, StopSendingReceived | StreamReset):  # who asked wants no answer any more
                self.asked.pop(event.stream_id, None)
                if task := self.answering.pop(event.stream_id, None):
                    task.cancel()
                counts["cancelled"] += 1
            for each in self.http.handle_event(event) if self.http else []:
                if isinstance(each, HeadersReceived):
                    fields = dict(each.headers)
                    self.asked[each.stream_id] = Asked(fields[b":method"].decode(), fields[b":path"].decode())
                if isinstance(each, DataReceived) and each.stream_id in self.asked:
                    self.asked[each.stream_id].received += len(each.data)
                if isinstance(each, HeadersReceived | DataReceived) and each.stream_ended:
                    asked = self.asked.pop(each.stream_id, None)
                    if asked:
                        self.answering[each.stream_id] = asyncio.ensure_future(self.answer(each.stream_id, asked))

        async def answer(self, stream: int, asked: Asked) -> None:
            kind, _, rest = asked.path.removeprefix("/").replace("?", "/", 1).partition("/")
            headers, body = [(b":status", b"200")], b"hello"
            if kind == "delay":
                await asyncio.sleep(int(rest) / 1000)
            elif kind == "bytes":
                body = b"x" * int(rest)
            elif kind == "upload":
                body = str(asked.received).encode()
            elif kind == "to":
                headers = [(b":status", b"302"), (b"location", rest.encode())]
            del self.answering[stream]
            if kind == "close":
                self.close(error_code=ErrorCode.H3_INTERNAL_ERROR)
                return
            self.http.send_headers(stream, [*headers, (b"content-length", str(len(body)).encode())])
            if kind == "reset":
                self._quic.reset_stream(stream, ErrorCode.H3_INTERNAL_ERROR)
            else:
                self.http.send_data(stream, b"" if asked.method == "HEAD" else body, end_stream=True)
                counts["completed"] += 1
            self.transmit()

    return Protocol


async def tell_counts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(counts).encode())
    await writer.drain()
    writer.close()


async def main(port: int, counts_port: int, certificate: str, key: str, idle: float = 60) -> None:
    from aioquic.asyncio import serve
    from aioquic.h3.connection import H3_ALPN
    from aioquic.quic.configuration import QuicConfiguration

    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=False, idle_timeout=float(idle))
    configuration.load_cert_chain(certificate, key)
    await serve("127.0.0.1", port, configuration=configuration, create_protocol=make_protocol())
    async with await asyncio.start_server(tell_counts, "127.0.0.1", counts_port) as server:
        await server.serve_forever()


class Server:
    def __init__(self, port: int, counts_port: int) -> None:
        self.url = f"https://127.0.0.1:{port}"
        self._counts_url = f"http://127.0.0.1:{counts_port}"

    def counts(self) -> dict[str, int]:
        with urllib.request.urlopen(self._counts_url, timeout=5) as answer:
            return collections.Counter(json.loads(answer.read()))

    @property
    def completed(self) -> int:
        """Requests that were answered to the last byte."""
        return self.counts()["completed"]


@contextmanager
def running(certificates: Certificates, idle: float = 60) -> Iterator[Server]:
    """`idle`: seconds after which it gives up a connection on which nothing happens."""
    files = [str(certificates.path(f"server.{kind}")) for kind in ("pem", "key")]
    port, counts_port = free_port(), free_port()
    server = Server(port, counts_port)
    with server_process.running([sys.executable, __file__, port, counts_port, *files, idle], server.counts):
        yield server


if __name__ == "__main__":
    ports, rest = map(int, sys.argv[1:3]), sys.argv[3:]
    asyncio.run(main(*ports, *rest))
