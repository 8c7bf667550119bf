"""What a listener of `request` raises steers tasks: of WebSockets, of gRPC, and of what users count themselves."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import websocket_server

from ..conftest import ROOT
from .runs import MODES, PROGRAM, surroundings, told

grpc_server = pytest.importorskip("grpc_server")  # grpcio is not there for each CPython that the tests are run on

LISTENERS = """
STEPS = {
    "later": RescheduleTask(), "/chat close 1000": RescheduleTask(), "counted": RescheduleTask(),
    "/helloworld.Greeter/SayHello": RescheduleTask(),
    "/helloworld.Greeter/Count": RescheduleTaskImmediately(), "at_once": RescheduleTaskImmediately(),
    "leave": InterruptTaskSet(), "/helloworld.Greeter/Chat": InterruptTaskSet(),
    "end": StopUser(), "/helloworld.Greeter/Gather": StopUser(),
}

@events.request.add_listener
def steer(name, **_):
    print("EVENT", name, flush=True)
    if name in STEPS:
        raise STEPS[name]

@events.request.add_listener
def unheard(name, **_):
    if name in STEPS:
        print("EVENT never", flush=True)
"""
LISTENERS_IN_CPP = """
#include <katydid/katydid.hpp>
#include <cstdio>
using namespace katydid;
using namespace std::chrono_literals;

static void tell(std::string_view what) { std::printf("EVENT %s\\n", std::string(what).c_str()), std::fflush(stdout); }

KATYDID_ON_REQUEST([](const RequestEvent& request) {
  const auto is = [&request](const auto... names) { return ((request.name == names) || ...); };
  tell(request.name);
  if (is("later", "/chat close 1000", "counted", "/helloworld.Greeter/SayHello")) throw RescheduleTask();
  if (is("at_once", "/helloworld.Greeter/Count")) throw RescheduleTaskImmediately();
  if (is("leave", "/helloworld.Greeter/Chat")) throw InterruptTaskSet();
  if (is("end", "/helloworld.Greeter/Gather")) throw StopUser();
});
"""
IMPORTS = """
from katydid import (
    {base} as Base, InterruptTaskSet, RescheduleTask, RescheduleTaskImmediately, SequentialTaskSet, StopUser, constant,
    events, task,
)
"""

WEBSOCKET = """
class Steered(Base):
    wait_time = constant(0)

    async def on_stop(self):
        print("EVENT on_stop", flush=True)

    @task
    class Main(SequentialTaskSet):
        @task
        async def ask(self):
            self.socket = await self.user.websocket("/chat", name="opened")
            await self.socket.ask("?", name="later")
            print("EVENT never")

        @task
        async def send(self):
            await self.socket.send("!", "at_once")
            print("EVENT never")

        @task
        async def close(self):
            other = await self.user.websocket("/chat")
            await other.close()
            print("EVENT never")

        @task
        class Inner(SequentialTaskSet):
            @task
            async def open(self):
                await self.user.websocket("/chat", name="leave")
                print("EVENT never")

        @task
        async def count(self):
            self.user.record("OWN", "counted", 1.0)
            await self.socket.send("never", "never")

        @task
        async def end(self):
            await self.socket.ask("?", name="end")
            print("EVENT never")
"""
WEBSOCKET_IN_CPP = """
struct Steered : WebSocketUser {
  task<> on_stop() override { tell("on_stop"); co_return; }
};
struct Inner : SequentialTaskSet<Steered> {
  task<> open() { auto opened = co_await user().ws.connect("/chat", {.name = "leave"}); tell("never"); }
};
KATYDID_TASK_SET(Inner).task<&Inner::open>();
struct Main : SequentialTaskSet<Steered> {
  task<> ask() {
    socket = co_await user().ws.connect("/chat", {.name = "opened"});
    co_await socket.ask("?", {.name = "later"});
    tell("never");
  }
  task<> send() { co_await socket.send("!", "at_once"); tell("never"); }
  task<> close() {
    auto other = co_await user().ws.connect("/chat");
    co_await other.close();
    tell("never");
  }
  task<> count() {
    user().record({.method = "OWN", .name = "counted"});
    co_await socket.send("never", "never");
  }
  task<> end() { co_await socket.ask("?", {.name = "end"}); tell("never"); }
  WebSocket socket;
};
KATYDID_TASK_SET(Main).task<&Main::ask>().task<&Main::send>().task<&Main::close>().task<Inner>().task<&Main::count>()
    .task<&Main::end>();
KATYDID_USER(Steered).wait_time(constant(0s)).task<Main>();
"""

GRPC = """
import helloworld_pb2
import helloworld_pb2_grpc

def named(name):
    return helloworld_pb2.HelloRequest(name=name)

class Steered(Base):
    wait_time = constant(0)

    async def on_start(self):
        self.stub = helloworld_pb2_grpc.GreeterStub(self.grpc_channel())

    async def on_stop(self):
        print("EVENT on_stop", flush=True)

    @task
    class Main(SequentialTaskSet):
        @task
        async def ask(self):
            await self.user.stub.SayHello(named("Ann"))
            print("EVENT never")

        @task
        async def count(self):
            async for reply in self.user.stub.Count(named("2")):
                print("EVENT", reply.message, flush=True)
            print("EVENT never")

        @task
        class Inner(SequentialTaskSet):
            @task
            async def chat(self):
                call = self.user.stub.Chat()
                await call.write(named("Bob"))
                await call.read()
                await call.done_writing()
                await call.read()
                print("EVENT never")

        @task
        async def gather(self):
            call = self.user.stub.Gather()
            await call.write(named("Cleo"))
            await call.done_writing()
            await call
            print("EVENT never")
"""
GRPC_IN_CPP = """
#include "helloworld.grpc.pb.h"

static helloworld::HelloRequest named(std::string_view name) {
  helloworld::HelloRequest request;
  request.set_name(std::string(name));
  return request;
}
struct Steered : GrpcUser {
  helloworld::Greeter::Stub greeter{client};
  task<> on_stop() override { tell("on_stop"); co_return; }
};
struct Inner : SequentialTaskSet<Steered> {
  task<> chat() {
    auto call = user().greeter.Chat();
    co_await call.write(named("Bob"));
    co_await call.read();
    co_await call.finish();
    tell("never");
  }
};
KATYDID_TASK_SET(Inner).task<&Inner::chat>();
struct Main : SequentialTaskSet<Steered> {
  task<> ask() {
    { auto reply = co_await user().greeter.SayHello(named("Ann"), {.catch_response = true}); }
    co_await sleep(1ms);
    tell("never");
  }
  task<> count() {
    auto call = user().greeter.Count(named("2"));
    while (const auto reply = co_await call.read()) tell(reply->message());
    tell("never");
  }
  task<> gather() {
    auto call = user().greeter.Gather();
    co_await call.write(named("Cleo"));
    co_await call.finish();
    tell("never");
  }
};
KATYDID_TASK_SET(Main).task<&Main::ask>().task<&Main::count>().task<Inner>().task<&Main::gather>();
KATYDID_USER(Steered).wait_time(constant(0s)).task<Main>();
"""


def ended(mode: str, text: str, in_cpp: str, user: str, host: str, folder: pathlib.Path) -> tuple[int, list[str], str]:
    """Its exit code, its events and its log, once its one user has ended."""
    if mode == "cpp":
        file = folder / "steered.cpp"
        file.write_text(LISTENERS_IN_CPP + in_cpp)
        command = [str(PROGRAM)]
    else:
        file = folder / "steered.py"
        file.write_text(IMPORTS.format(base={"asyncio": "AsyncUser", "trio": "TrioUser"}[mode]) + LISTENERS + text)
        command = [sys.executable, "-m", "katydid"]
    command += ["-f", str(file), "--run-single-user", user, "--host", host, "-t", "60s"]
    done = subprocess.run(
        command, cwd=folder, env=surroundings(), capture_output=True, text=True, timeout=120, check=False
    )
    assert "limit reached" not in done.stderr, "it has ended with its user"
    return done.returncode, told(done.stdout), done.stderr


def events_of(mode: str, text: str, in_cpp: str, host: str, folder: pathlib.Path) -> list[str]:
    code, events, log = ended(mode, text, in_cpp, "Steered", host, folder)
    assert code == 0, log
    return events


@pytest.mark.parametrize("mode", MODES)
def test_messages_of_websockets(mode: str, tmp_path: pathlib.Path) -> None:
    with websocket_server.running("websockets") as server:
        seen = events_of(mode, WEBSOCKET, WEBSOCKET_IN_CPP, server.url, tmp_path)
    assert seen == [
        "opened", "later", "at_once", "/chat", "/chat close 1000", "leave", "counted", "end", "on_stop",
    ]  # fmt: skip


@pytest.fixture
def greeter() -> Iterator[Any]:
    with grpc_server.running() as server:
        yield server


@pytest.mark.parametrize("mode", MODES)
def test_calls_of_grpc(mode: str, greeter: Any, tmp_path: pathlib.Path) -> None:
    proto = ROOT / "examples" / "helloworld.proto"
    out = [f"--python_out={tmp_path}", f"--grpc_python_out={tmp_path}"]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", f"-I{proto.parent}", *out, proto.name], check=True)
    (tmp_path / proto.name).write_text(proto.read_text())
    seen = events_of(mode, GRPC, GRPC_IN_CPP, f"localhost:{greeter.port}", tmp_path)
    of = "/helloworld.Greeter/"
    counted = [each for each in seen if each not in ("1", "2")]
    assert counted == [f"{of}SayHello", f"{of}Count", f"{of}Chat", f"{of}Gather", "on_stop"]
    assert len(seen) == len(counted) + 2, "messages that have come before the end are read"


CONTEXT = """
class Told(Base):
    wait_time = constant(0)

    def context(self):
        raise KeyError("no context")

    @task
    async def ask(self):
        self.record("OWN", "told", 1.0)
        self.record("OWN", "end", 1.0)
"""
CONTEXT_IN_CPP = """
struct Told : User {
  Value context() const override { throw 42; }
  task<> ask() {
    record({.method = "OWN", .name = "told"});
    record({.method = "OWN", .name = "end"});
    co_return;
  }
};
KATYDID_USER(Told).wait_time(constant(0s)).task<&Told::ask>();
"""


@pytest.mark.parametrize("mode", MODES)
def test_listeners_hear_of_requests_whose_context_throws(mode: str, tmp_path: pathlib.Path) -> None:
    code, seen, said = ended(mode, CONTEXT, CONTEXT_IN_CPP, "Told", "http://127.0.0.1:9", tmp_path)
    assert seen == ["told", "end"]
    assert "in context(), user class Told" in said
    assert code == 1, "as after any exception"
