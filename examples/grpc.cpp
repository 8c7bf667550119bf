// Calls methods of gRPC; helloworld.proto is beside this file, and katydid runs protoc.
//   katydid -f examples/grpc.cpp --headless -u 4 -t 10s --host localhost:50051
#include "helloworld.grpc.pb.h"

#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;
using helloworld::HelloRequest;

struct HelloUser : GrpcUser {
  helloworld::Greeter::Stub greeter{client};

  task<> say_hello() {
    HelloRequest request;
    request.set_name("Test");
    auto reply = co_await greeter.SayHello(request, {.timeout = 2s, .catch_response = true});
    if (reply && reply->message() != "Hello Test!") reply.failure("a strange greeting");
  }
};

struct StreamUser : GrpcUser {
  helloworld::Greeter::Stub greeter{client};

  task<> count() {
    HelloRequest request;
    request.set_name("3");
    auto call = greeter.Count(request);
    int replies = 0;
    while (const auto reply = co_await call.read()) ++replies;
    const GrpcStatus status = co_await call.finish();
    if (status.ok() && replies != 3) throw std::runtime_error("replies are missing");
  }

  task<> gather() {
    auto call = greeter.Gather();
    for (const char* name : {"Ann", "Bob"}) {
      HelloRequest request;
      request.set_name(name);
      co_await call.write(request);
    }
    auto reply = co_await call.finish();
    if (reply && reply->message() != "Hello Ann, Bob!") throw std::runtime_error("a wrong reply: " + reply->message());
  }

  task<> chat() {
    auto call = greeter.Chat();
    for (int i = 0; i < 3; ++i) {
      HelloRequest request;
      request.set_name("question " + std::to_string(i));
      co_await call.write(request);
      co_await call.read();
    }
    co_await call.finish();
  }
};

KATYDID_USER(HelloUser).wait_time(constant(20ms)).task<&HelloUser::say_hello>();
KATYDID_USER(StreamUser)
    .wait_time(constant(20ms))
    .task<&StreamUser::count>()
    .task<&StreamUser::gather>()
    .task<&StreamUser::chat>();
