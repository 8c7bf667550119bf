"""Users who call gRPC, by the stubs that grpcio's tools make of examples/helloworld.proto.

python -m grpc_tools.protoc -I examples --python_out=examples/python --grpc_python_out=examples/python helloworld.proto
katydid -f examples/python/grpc_users.py --master-host HOST
"""

from collections.abc import Iterator

import helloworld_pb2
import helloworld_pb2_grpc
from katydid import AsyncUser, constant, task


class HelloUser(AsyncUser):
    host = "localhost:50051"
    wait_time = constant(0.02)

    async def on_start(self) -> None:
        self.stub = helloworld_pb2_grpc.GreeterStub(self.grpc_channel())

    @task
    async def say_hello(self) -> None:
        reply = await self.stub.SayHello(helloworld_pb2.HelloRequest(name="Test"), timeout=2)
        assert reply.message == "Hello Test!"


class StreamUser(HelloUser):
    @task
    async def count(self) -> None:
        async for reply in self.stub.Count(helloworld_pb2.HelloRequest(name="3")):
            assert reply.message

    @task
    async def gather(self) -> None:
        def names() -> Iterator[helloworld_pb2.HelloRequest]:
            for name in ("Ann", "Bob"):
                yield helloworld_pb2.HelloRequest(name=name)

        reply = await self.stub.Gather(names())
        assert reply.message == "Hello Ann, Bob!"

    @task
    async def chat(self) -> None:
        call = self.stub.Chat()
        for i in range(3):
            await call.write(helloworld_pb2.HelloRequest(name=f"question {i}"))
            await call.read()
        await call.done_writing()
        await call.read()
