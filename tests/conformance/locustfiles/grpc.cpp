// Users of gRPC, for the tests of the count.
#include "helloworld.grpc.pb.h"

#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;
using helloworld::HelloRequest;

struct Caller : GrpcUser {
  helloworld::Greeter::Stub greeter{client};
  HelloRequest named(std::string_view name) const {
    HelloRequest request;
    request.set_name(std::string(name));
    return request;
  }
};

/// Calls, one after another.
struct Asker : Caller {
  task<> ask() {
    auto reply = co_await greeter.SayHello(named("Ann"));
    if (reply && reply->message() != "Hello Ann!") throw std::runtime_error("that is another answer");
  }
};

/// All kinds of calls, to a server that takes its time.
struct Visitor : Caller {
  task<> visit() {
    co_await greeter.SayHello(named("slow"));
    auto count = greeter.Count(named("3"));
    while (co_await count.read()) co_await sleep(2ms);
    auto gather = greeter.Gather();
    for (int i = 0; i < 3; ++i) co_await gather.write(named("Bob"));
    co_await gather.finish();
    auto chat = greeter.Chat();
    for (int i = 0; i < 3; ++i) {
      co_await chat.write(named("Cleo"));
      if (!co_await chat.read()) throw std::runtime_error("the chat is over");
    }
    co_await chat.finish();
  }
};

/// Calls who does not answer.
struct Stubborn : Caller {
  task<> ask() { co_await greeter.SayHello(named("never")); }
};

/// Hears of news without end.
struct Listener : Caller {
  task<> listen() {
    auto news = greeter.Count(named("forever"));
    while (co_await news.read()) {
    }
  }
};

/// Ends by StopUser, in the middle of what it does.
struct Quitter : Caller {
  task<> ask() {
    auto news = greeter.Count(named("forever"));
    co_await news.read();
    throw StopUser();
  }
};

struct Failing : Caller {
  task<> ask() { co_await greeter.SayHello(named("nobody")); }
};

KATYDID_USER(Asker).wait_time(constant(5ms)).task<&Asker::ask>();
KATYDID_USER(Visitor).wait_time(constant(5ms)).task<&Visitor::visit>();
KATYDID_USER(Stubborn).task<&Stubborn::ask>();
KATYDID_USER(Listener).task<&Listener::listen>();
KATYDID_USER(Quitter).task<&Quitter::ask>();
KATYDID_USER(Failing).wait_time(constant(5ms)).task<&Failing::ask>();
