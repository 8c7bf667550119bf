"""gRPC of users in Python, against grpcio's server: stubs work as they are, and the server's count is the master's."""

from __future__ import annotations

import asyncio
import pathlib
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from certificates import Certificates
from cut_off import cut_off
from harness.endings import end, ramp_down

from ..bench import Bench, opened
from ..conftest import ROOT

grpc_server = pytest.importorskip("grpc_server")  # grpcio is not there for each CPython that the tests are run on
grpc = grpc_server.grpc

EXAMPLE = ROOT / "examples" / "python" / "grpc_users.py"
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with grpc_server.running() as server:
        yield server


def make_stubs(folder: pathlib.Path) -> None:
    """By grpcio's own tools."""
    roots = [ROOT / "examples", ROOT / "tests" / "support"]
    names = ["helloworld.proto", "interop.proto", "lib/status.proto"]
    out = [f"--python_out={folder}", f"--grpc_python_out={folder}"]
    subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", *(f"-I{root}" for root in roots), *out, *names], check=True
    )


@pytest.fixture
def bench(tmp_path: pathlib.Path) -> Iterator[Bench]:
    make_stubs(tmp_path)
    with opened("", tmp_path) as bench:
        bench.environment["PYTHONPATH"] += f":{tmp_path}"
        yield bench


def run_cases(
    port: int,
    stubs: pathlib.Path,
    which: Callable[[Any, Any, Any], Awaitable[None]],
    scheme: str = "",
    **settings: Any,
) -> None:
    """Calls `which(stub, messages, channel)` on an event loop of its own."""
    from katydid.asyncio_backend import client_here
    from katydid.grpc import Channel

    sys.path.insert(0, str(stubs))
    try:
        import interop_pb2
        import interop_pb2_grpc
    finally:
        sys.path.remove(str(stubs))

    async def main() -> None:
        channel = Channel(client_here(None, f"{scheme}localhost:{port}", **settings))
        await which(interop_pb2_grpc.TestServiceStub(channel), interop_pb2, channel)

    asyncio.run(asyncio.wait_for(main(), 60))


@pytest.fixture(scope="module")
def stubs(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("stubs")
    make_stubs(folder)
    return folder


@pytest.mark.parametrize(("shared", "most", "connections"), [(False, 0, 6), (True, 0, 1), (True, 2, 2)])
def test_users_share_connections(server: Any, stubs: pathlib.Path, shared: bool, most: int, connections: int) -> None:
    async def call(stub: Any, pb2: Any, channel: Any) -> None:
        from katydid.asyncio_backend import client_here
        from katydid.grpc import Channel

        clients = [client_here(None, f"localhost:{server.port}") for _ in range(6)]
        for client in clients:
            client.share_connections = shared
            client.max_connections = most
        others = [type(stub)(Channel(client)) for client in clients]
        await asyncio.gather(*(each.UnaryCall(pb2.Request(sizes=[3], sleep_ms=50)) for each in others * 3))

    before = server.counts().get("connections", 0)
    run_cases(server.port, stubs, call)
    assert server.counts()["connections"] - before == connections


class Cases:
    """gRPC's interoperability tests, by their names."""

    @staticmethod
    async def empty_unary(stub: Any, pb2: Any, channel: Any) -> None:
        from google.protobuf import empty_pb2

        assert await stub.EmptyCall(empty_pb2.Empty()) == empty_pb2.Empty()

    @staticmethod
    async def large_unary(stub: Any, pb2: Any, channel: Any) -> None:
        reply = await stub.UnaryCall(pb2.Request(sizes=[314159], payload=bytes(271828)))
        assert len(reply.payload) == 314159

    @staticmethod
    async def client_compressed_unary(stub: Any, pb2: Any, channel: Any) -> None:
        request = pb2.Request(sizes=[314159], payload=bytes(271828))
        reply = await stub.UnaryCall(request, compression=grpc.Compression.Gzip)
        assert len(reply.payload) == 314159

    @staticmethod
    async def server_compressed_unary(stub: Any, pb2: Any, channel: Any) -> None:
        reply = await stub.UnaryCall(pb2.Request(sizes=[314159], compressed=True))
        assert len(reply.payload) == 314159

    @staticmethod
    async def client_streaming(stub: Any, pb2: Any, channel: Any) -> None:
        sizes = [27182, 8, 1828, 45904]
        call = stub.StreamingInput()
        for size in sizes:
            await call.write(pb2.Request(payload=bytes(size)))
        await call.done_writing()
        assert (await call).bytes == 74922

        async def requests() -> AsyncIterator[Any]:
            for size in sizes:
                yield pb2.Request(payload=bytes(size))

        assert (await stub.StreamingInput(requests())).bytes == 74922
        assert (await stub.StreamingInput(pb2.Request(payload=bytes(size)) for size in sizes)).bytes == 74922

    @staticmethod
    async def server_streaming(stub: Any, pb2: Any, channel: Any) -> None:
        call = stub.StreamingOutput(pb2.Request(sizes=[31415, 9, 2653, 58979]))
        assert [len(reply.payload) async for reply in call] == [31415, 9, 2653, 58979]
        assert await call.code() == grpc.StatusCode.OK
        assert await call.read() is grpc.aio.EOF

    @staticmethod
    async def ping_pong(stub: Any, pb2: Any, channel: Any) -> None:
        call = stub.FullDuplex()
        for size in (31415, 9, 2653, 58979):
            await call.write(pb2.Request(sizes=[size], payload=bytes(size)))
            assert len((await call.read()).payload) == size
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF
        assert call.done()

    @staticmethod
    async def empty_stream(stub: Any, pb2: Any, channel: Any) -> None:
        call = stub.FullDuplex()
        await call.done_writing()
        assert [reply async for reply in call] == []

    @staticmethod
    async def status_code_and_message(stub: Any, pb2: Any, channel: Any) -> None:
        for message in ("test status message", SPECIAL):
            request = pb2.Request(status={"code": 2, "message": message})
            with pytest.raises(grpc.RpcError) as error:
                await stub.UnaryCall(request)
            assert isinstance(error.value, grpc.aio.AioRpcError)
            assert error.value.code() == grpc.StatusCode.UNKNOWN
            assert error.value.details() == message
            call = stub.FullDuplex(iter([request]))
            with pytest.raises(grpc.aio.AioRpcError):
                await call.read()
            assert (await call.code(), await call.details()) == (grpc.StatusCode.UNKNOWN, message)

    @staticmethod
    async def unimplemented_method(stub: Any, pb2: Any, channel: Any) -> None:
        from google.protobuf import empty_pb2

        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.UnimplementedCall(empty_pb2.Empty())
        assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await channel.unary_unary("/nobody/Call")(b"")
        assert error.value.code() == grpc.StatusCode.UNIMPLEMENTED

    @staticmethod
    async def timeout_on_sleeping_server(stub: Any, pb2: Any, channel: Any) -> None:
        start = time.monotonic()
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.UnaryCall(pb2.Request(sleep_ms=5000), timeout=0.1)
        assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
        assert time.monotonic() - start < 3
        reply = await stub.UnaryCall(pb2.Request(sizes=[1]), timeout=30)
        assert reply.seen.deadline in ("29", "30")

    @staticmethod
    async def cancel_after_begin(stub: Any, pb2: Any, channel: Any) -> None:
        call = stub.StreamingInput()
        await call.write(pb2.Request(payload=b"1"))
        ended = []
        call.add_done_callback(ended.append)
        assert call.cancel()
        assert not call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert call.cancelled()
        assert await call.code() == grpc.StatusCode.CANCELLED
        await asyncio.sleep(0.01)
        assert ended == [call]

    @staticmethod
    async def cancel_after_first_response(stub: Any, pb2: Any, channel: Any) -> None:
        call = stub.FullDuplex()
        await call.write(pb2.Request(sizes=[31415]))
        assert len((await call.read()).payload) == 31415
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call.read()

    @staticmethod
    async def custom_metadata(stub: Any, pb2: Any, channel: Any) -> None:
        metadata = (("x-grpc-test-echo-initial", "initial"), ("x-grpc-test-echo-trailing-bin", b"\xab\xab"))
        call = stub.UnaryCall(pb2.Request(sizes=[3]), metadata=metadata)
        assert ("x-grpc-test-echo-initial", "initial") in tuple(await call.initial_metadata())
        assert len((await call).payload) == 3
        assert ("x-grpc-test-echo-trailing-bin", b"\xab\xab") in tuple(await call.trailing_metadata())
        assert await call is await call

    @staticmethod
    async def requests_that_fail_are_told(stub: Any, pb2: Any, channel: Any) -> None:
        async def requests() -> AsyncIterator[Any]:
            yield pb2.Request(payload=b"1")
            raise ValueError("no more of them")

        with pytest.raises(ValueError, match="no more of them"):
            await stub.StreamingInput(requests())
        unending = stub.FullDuplex(pb2.Request(status={"code": 5, "message": "no"}) for _ in range(1000))
        with pytest.raises(grpc.aio.AioRpcError) as error:
            [reply async for reply in unending]
        assert error.value.code() == grpc.StatusCode.NOT_FOUND

    @staticmethod
    async def what_is_not_supported_says_so(stub: Any, pb2: Any, channel: Any) -> None:
        for wrong in ({"credentials": 1}, {"wait_for_ready": True}, {"compression": grpc.Compression.Deflate}):
            with pytest.raises(TypeError):
                stub.UnaryCall(pb2.Request(), **wrong)


NAMES = [name for name in vars(Cases) if not name.startswith("_")]


@pytest.mark.parametrize("name", NAMES)
def test_interoperability(server: Any, stubs: pathlib.Path, name: str) -> None:
    run_cases(server.port, stubs, getattr(Cases, name))


def test_over_tls(stubs: pathlib.Path, tmp_path: pathlib.Path) -> None:
    made = Certificates(tmp_path)

    async def call(stub: Any, pb2: Any, channel: Any) -> None:
        await Cases.large_unary(stub, pb2, channel)
        await Cases.ping_pong(stub, pb2, channel)

    with grpc_server.running(str(made.path("server.pem")), str(made.path("server.key"))) as server:
        run_cases(server.port, stubs, call, scheme="grpcs://", verify=made.path("authority.pem"))


def test_a_connection_that_fails_is_unavailable(stubs: pathlib.Path) -> None:
    async def call(stub: Any, pb2: Any, channel: Any) -> None:
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await stub.UnaryCall(pb2.Request())
        assert error.value.code() == grpc.StatusCode.UNAVAILABLE

    run_cases(1, stubs, call)


def test_without_grpcio_there_are_classes_of_the_same_names() -> None:
    code = """
import sys
sys.modules["grpc"] = None
from katydid.grpc import AioRpcError, Metadata, StatusCode
error = AioRpcError(StatusCode.NOT_FOUND, Metadata(), Metadata(("a", "b")), "no cat")
assert (error.code(), error.details(), error.trailing_metadata()) == (StatusCode.NOT_FOUND, "no cat", (("a", "b"),))
assert str(error) == "NOT_FOUND: no cat"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def calls(entries: list[dict[str, Any]]) -> int:
    return sum(entry["num_requests"] for entry in entries if entry["method"] == "grpc")


def test_the_example(bench: Bench) -> None:
    """Counts are those of the server."""
    with grpc_server.running() as server:
        run = f"-u 8 -r 8 -t 4s --host {server.host} --expect-workers 1 --stop-timeout 10"
        master = bench.master(file=EXAMPLE, run=run)
        worker = bench.worker(master, file=EXAMPLE)
        final = master.final(timeout=60)
        assert worker.wait() == 0
        assert final["total"]["num_failures"] == 0
        assert "ERROR" not in worker.output()
        there = server.settled()
    assert final["total"]["num_requests"] == calls(final["entries"]) == there["calls"] == there["ended"] > 100
    found = {entry["name"].rpartition("/")[2]: entry["num_requests"] for entry in final["entries"]}
    assert {name: there[name] for name in found} == found


USERS = """
from types import SimpleNamespace
import helloworld_pb2
import helloworld_pb2_grpc
from katydid import {base}, constant, task


class Visitor({base}):
    wait_time = constant(0.005)

    async def on_start(self):
        self.stub = helloworld_pb2_grpc.GreeterStub(self.grpc_channel())

    @task
    async def visit(self):
        named = lambda name: helloworld_pb2.HelloRequest(name=name)
        await self.stub.SayHello(named("slow"))
        async for reply in self.stub.Count(named("3")):
            assert reply.message
        call = self.stub.Chat()
        for _ in range(2):
            await call.write(named("Cleo"))
            await call.read()
        await call.done_writing()
        await call.read()
        gather = self.stub.Gather()
        await gather.write(named("Bob"))
        await gather.done_writing()
        assert (await gather).message == "Hello Bob!"
"""


@pytest.mark.parametrize("base", ["AsyncUser", "TrioUser"])
@pytest.mark.parametrize("ending", ["stop", "stop timeout", "ramp down", "sigterm", "quit"])
def test_nothing_is_lost_at_any_ending(bench: Bench, tmp_path: pathlib.Path, ending: str, base: str) -> None:
    file = tmp_path / "grpc_locustfile.py"
    file.write_text(USERS.replace("{base}", base))
    with grpc_server.running() as server:
        options = ["--stop-timeout", "10"] if ending == "stop timeout" else []
        master = bench.master(file=file, options=options)
        worker = bench.worker(master, file=file)
        master.wait_for_workers(1)
        master.swarm(10, rate=100, host=server.host)
        master.wait_for_users(10)
        time.sleep(1.5)
        if ending == "ramp down":
            ramp_down(master, 5, 2, 8)
        entries = end(ending, master, worker)["entries"]
        there, cut = server.settled(), cut_off(worker.output())
    counted = calls(entries)
    print(SimpleNamespace(counted=counted, there=dict(there), cut=cut))
    assert counted <= there["calls"] <= counted + cut
    assert sum(entry["num_failures"] for entry in entries) == 0
    assert there["ended"] > 30
    if ending == "stop timeout":
        assert there["calls"] == there["ended"] == counted
