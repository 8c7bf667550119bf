"""grpcio's server, which counts what it does: the Greeter of examples/helloworld.proto, and interop.proto.

`python grpc_server.py PORT [CERTIFICATE KEY]`. With KATYDID_GRPC_CONNECTION_AGE_MS it takes leave of connections that
are so old. The method /counts/Get has what it did, as JSON: calls that came, by method, messages that were received and
sent, calls that came to their end ("ended") or that the client gave up ("cancelled"), and the connections that unary
calls and those that gather came by ("connections").
"""

from __future__ import annotations

import asyncio
import collections
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

from ports import free_port

# Its threads would speak up in each process that a test starts.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
import grpc

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path += [str(HERE), str(HERE.parent.parent / "examples")]  # where protoc looks
PROTOC = shutil.which("protoc")
"""What locustfiles in C++ need; the server has its own."""
counts: dict[str, int] = collections.Counter()
peers: set[str] = set()


@contextmanager
def its_end() -> Iterator[None]:
    how = "cancelled"  # also of a generator that nobody goes on with
    try:
        yield
        how = "ended"
    except grpc.aio.AbortError:
        how = "ended"
        raise
    finally:
        counts[how] += 1


def counted(handle: Any) -> Any:
    """The life of a call with one reply."""

    async def call(self: Any, request: Any, context: Any) -> Any:
        name = handle.__name__
        counts[name] += 1
        counts["calls"] += 1
        peers.add(context.peer())
        counts["connections"] = len(peers)
        with its_end():
            return await handle(self, request, context)

    return call


def counted_stream(handle: Any) -> Any:
    """And of one with many."""

    async def call(self: Any, request: Any, context: Any) -> AsyncIterator[Any]:
        counts[handle.__name__] += 1
        counts["calls"] += 1
        with its_end():
            async for reply in handle(self, request, context):
                counts["sent"] += 1
                yield reply

    return call


async def received(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        counts["received"] += 1
        yield request


def greeter(pb2: Any, base: Any) -> Any:
    class Greeter(base):  # type: ignore[misc]
        @counted
        async def SayHello(self, request: Any, context: Any) -> Any:  # noqa: N802
            if request.name == "slow":
                await asyncio.sleep(0.05)
            if request.name == "never":
                await asyncio.sleep(3600)
            if request.name == "nobody":
                await context.abort(grpc.StatusCode.NOT_FOUND, "there is no nobody")
            return pb2.HelloReply(message=f"Hello {request.name}!")

        @counted_stream
        async def Count(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802
            number = 0
            while request.name == "forever" or number < int(request.name):
                number += 1
                yield pb2.HelloReply(message=str(number))
                if request.name == "forever":
                    await asyncio.sleep(0.02)

        @counted
        async def Gather(self, requests: Any, context: Any) -> Any:  # noqa: N802
            names = [request.name async for request in received(requests)]
            return pb2.HelloReply(message=f"Hello {', '.join(names)}!")

        @counted_stream
        async def Chat(self, requests: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802
            async for request in received(requests):
                yield pb2.HelloReply(message=f"Hello {request.name}!")

    return Greeter()


def interop(pb2: Any, base: Any) -> Any:
    from google.protobuf import empty_pb2

    async def prepare(request: Any, context: Any) -> None:
        if request.compressed:
            context.set_compression(grpc.Compression.Gzip)
        metadata = dict(context.invocation_metadata())
        echo = [(key, metadata[key]) for key in ("x-grpc-test-echo-initial",) if key in metadata]
        if echo:
            await context.send_initial_metadata(echo)
        trailing = [(key, metadata[key]) for key in ("x-grpc-test-echo-trailing-bin",) if key in metadata]
        if trailing:
            context.set_trailing_metadata(trailing)
        if request.sleep_ms:
            await asyncio.sleep(request.sleep_ms / 1000)
        if request.status.code:
            code = next(each for each in grpc.StatusCode if each.value[0] == request.status.code)
            await context.abort(code, request.status.message)

    class TestService(base):  # type: ignore[misc]
        @counted
        async def EmptyCall(self, request: Any, context: Any) -> Any:  # noqa: N802
            return empty_pb2.Empty()

        @counted
        async def UnaryCall(self, request: Any, context: Any) -> Any:  # noqa: N802
            await prepare(request, context)
            left = context.time_remaining()
            seen = pb2.Reply.Seen(deadline=f"{left:.0f}" if left and left < 1e6 else "")
            return pb2.Reply(payload=b"\0" * sum(request.sizes) or request.payload, seen=seen)

        @counted_stream
        async def StreamingOutput(self, request: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802
            await prepare(request, context)
            for size in request.sizes:
                yield pb2.Reply(payload=b"\0" * size)

        @counted
        async def StreamingInput(self, requests: Any, context: Any) -> Any:  # noqa: N802
            return pb2.Sum(bytes=sum([len(request.payload) async for request in received(requests)]))

        @counted_stream
        async def FullDuplex(self, requests: Any, context: Any) -> AsyncIterator[Any]:  # noqa: N802
            async for request in received(requests):
                await prepare(request, context)
                for size in request.sizes:
                    yield pb2.Reply(payload=b"\0" * size)

    return TestService()


class Counts(grpc.GenericRpcHandler):  # type: ignore[misc]
    def service(self, details: Any) -> Any:
        async def get(request: bytes, context: Any) -> bytes:
            return json.dumps(counts).encode()

        return grpc.unary_unary_rpc_method_handler(get) if details.method == "/counts/Get" else None


async def main(port: int, certificate: str | None = None, key: str | None = None) -> None:
    options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    if age := os.environ.get("KATYDID_GRPC_CONNECTION_AGE_MS"):
        options.append(("grpc.max_connection_age_ms", int(age)))
    server = grpc.aio.server(options=options)
    for proto, add, made in (
        ("helloworld.proto", "add_GreeterServicer_to_server", greeter),
        ("interop.proto", "add_TestServiceServicer_to_server", interop),
    ):
        pb2, pb2_grpc = grpc.protos_and_services(proto)
        base = pb2_grpc.GreeterServicer if made is greeter else pb2_grpc.TestServiceServicer
        getattr(pb2_grpc, add)(made(pb2, base), server)
    server.add_generic_rpc_handlers((Counts(),))
    if certificate and key:
        pair = (pathlib.Path(key).read_bytes(), pathlib.Path(certificate).read_bytes())  # noqa: ASYNC240
        server.add_secure_port(f"localhost:{port}", grpc.ssl_server_credentials([pair]))
        server.add_insecure_port(f"127.0.0.1:{port + 1}")
    else:
        server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


class Server:
    def __init__(self, port: int, counts_port: int) -> None:
        self.port = port
        self.host = f"localhost:{port}"
        self._channel = grpc.insecure_channel(f"127.0.0.1:{counts_port}")

    def counts(self) -> dict[str, int]:
        answer = self._channel.unary_unary("/counts/Get")(b"", timeout=10, wait_for_ready=True)
        return collections.Counter(json.loads(answer))

    def settled(self) -> dict[str, int]:
        """Once nothing happens any more."""
        last, same = self.counts(), 0
        while same < 5:
            time.sleep(0.1)
            now = self.counts()
            same = same + 1 if now == last else 0
            last = now
        return last

    def close(self) -> None:
        self._channel.close()


@contextmanager
def running(certificate: str = "", key: str = "", connection_age_ms: int = 0) -> Iterator[Server]:
    port = free_port()
    files = [certificate, key] if certificate else []
    environment = {"KATYDID_GRPC_CONNECTION_AGE_MS": str(connection_age_ms)} if connection_age_ms else {}
    command = [sys.executable, str(pathlib.Path(__file__)), str(port), *files]
    process = subprocess.Popen(command, env=os.environ | environment)
    server = Server(port, port + bool(files))
    try:
        server.counts()
        yield server
    finally:
        server.close()
        process.terminate()
        process.wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
