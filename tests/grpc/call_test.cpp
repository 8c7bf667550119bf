// Calls against a server that does exactly what a test wants; tests/conformance has those against a real one.
#include "tests/grpc/grpc_harness.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

task<> say_and_look(GrpcClient& client) {
  client.metadata = {{"x-all", "each"}};
  auto result = co_await client.unary<std::string>("/test.Echo/Say", std::string("hello"),
                                                   {.name = "say", .metadata = {{"x-own-bin", "\xff"}}, .timeout = 5s});
  CHECK(result.ok());
  CHECK(*result == "hello");
  CHECK(result.initial_metadata() == GrpcMetadata{{"x-first", "1"}});
  CHECK(result.trailing_metadata() == GrpcMetadata{{"x-last-bin", "a"}});
  CHECK(result.elapsed() > 0ns);
}

task<> say(GrpcClient& client, std::string text, GrpcOptions options) {
  const auto result = co_await client.unary<std::string>("/test.Echo/Say", text, options);
  CHECK(result.ok());
}

task<> write_three(GrpcClient& client) {
  auto call = client.client_stream<std::string, std::string>("/test.Echo/Gather");
  CHECK(co_await call.write("one"));
  const auto result = co_await call.finish();
  CHECK(result.ok());
  CHECK_FALSE(co_await call.write("late"));
}

task<std::vector<std::string>> read_all(GrpcClient& client, GrpcStatus& status) {
  std::vector<std::string> all;
  auto call = client.server_stream<std::string>("/test.Echo/Count", std::string("go"));
  while (auto message = co_await call.read()) all.push_back(*message);
  status = co_await call.finish();
  co_return all;
}

task<> read_one_and_leave(GrpcClient& client) {
  auto call = client.server_stream<std::string>("/test.Echo/Count", std::string("go"));
  CHECK(co_await call.read() == "one");
}

task<> read_one_and_cancel(GrpcClient& client) {
  auto call = client.server_stream<std::string>("/test.Echo/Count", std::string("go"));
  CHECK(co_await call.read() == "one");
  call.cancel();
  CHECK_FALSE(co_await call.read());
  CHECK(call.status().code == GrpcCode::cancelled);
}

task<> judge(GrpcClient& client, bool good) {
  auto result = co_await client.unary<std::string>("/test.Echo/Say", std::string("hello"), {.catch_response = true});
  if (good) {
    result.success();
  } else {
    result.failure("that is no answer");
  }
}

/// Nobody takes the result.
task<> write_and_leave(GrpcClient& client) {
  auto call = client.client_stream<std::string, std::string>("/test.Echo/Gather", {.catch_response = true});
  co_await call.write("one");
}

task<> call_forever(GrpcClient& client) {
  for (;;) {
    const auto reply = co_await client.unary<std::string>("/test.Echo/Say", std::string("hello"));
    static_cast<void>(reply);
  }
}

/// Streams without end, until the call is given up.
void count_forever(Peer::Connection& connection, std::string& reset) {
  const auto stream = connection.next_request();
  GrpcPeer peer{connection, stream};
  peer.head();
  peer.message("one");
  Peer::Frame frame;
  while (connection.read(frame)) {
    if (frame.type == Peer::reset) reset = frame.payload;
  }
}

/// Five users with these options, each of which calls twice at once; returns how many connections that takes.
template <class Shard>
int connections_for(ClientOptions options, const std::string& settings = {}) {
  std::atomic<int> connections = 0;
  Peer peer(
      [&](Peer::Connection& connection) {
        ++connections;
        echo(connection);
      },
      settings, RawServer::Serving::at_once);
  options.base_url = peer.url();
  Shard shard(options);
  std::vector<std::unique_ptr<typename Shard::User>> users;
  std::vector<std::unique_ptr<GrpcClient>> clients;
  std::vector<task<>> calls;
  for (int i = 0; i < 5; ++i) {
    users.push_back(std::make_unique<typename Shard::User>(shard.loop, shard.recorder, shard.engine, options));
    clients.push_back(std::make_unique<GrpcClient>(users.back()->client));
    for (const char* text : {"one", "two"}) {
      calls.push_back(say(*clients.back(), text, {.timeout = 5s}));
      calls.back().start(*users.back());
    }
  }
  shard.turn_until([&] { return std::ranges::all_of(calls, &task<>::done); });
  CHECK(shard.recorder.samples.size() == 10);
  return connections;
}

}  // namespace

TEST_CASE_TEMPLATE("gRPC: a unary call is one entry, and sends what the protocol asks for", Shard,
                   KATYDID_GRPC_SHARDS) {
  Peer peer(&echo);
  Shard shard(peer.url(""));
  shard.run(say_and_look(shard.grpc));
  const auto entry = shard.recorded();
  CHECK(entry.method == "grpc");
  CHECK(entry.name == "say");
  CHECK(entry.error == "");
  CHECK(entry.length == 5);
  CHECK(entry.response_time > 0ns);
}

TEST_CASE_TEMPLATE("gRPC: a host is written as in Locust's example, or as a URL", Shard, KATYDID_GRPC_SHARDS) {
  Peer peer(&echo);
  const std::string place = peer.url("").substr(7);
  for (const char* scheme : {"", "http://", "grpc://"}) {
    Shard shard(scheme + place);
    CHECK(shard.run(status_of_unary(shard.grpc)).ok());
  }
  Shard without("");
  without.run(status_of_unary(without.grpc));
  CHECK(without.entry() == "grpc /test.Echo/Say: INTERNAL: a call needs a host, as localhost:50051: /test.Echo/Say");
}

TEST_CASE_TEMPLATE("gRPC: what can't be sent is an error, and nothing is sent", Shard, KATYDID_GRPC_SHARDS) {
  Peer peer(&echo);
  Shard shard(peer.url(""));
  const auto status = shard.run(status_of_unary(shard.grpc, {.metadata = {{"Bad Key", "1"}}}));
  CHECK(status.code == GrpcCode::internal);
  CHECK(shard.entry() ==
        "grpc /test.Echo/Say: INTERNAL: a key of metadata has lower-case letters, digits, '-', '_' and '.' only: "
        "'Bad Key'");
}

TEST_CASE_TEMPLATE("gRPC: a client streams, and gets one reply", Shard, KATYDID_GRPC_SHARDS) {
  Peer peer(&echo);
  Shard shard(peer.url(""));
  shard.run(write_three(shard.grpc));
  CHECK(shard.entry() == "grpc /test.Echo/Gather");
}

TEST_CASE_TEMPLATE("gRPC: a request is compressed where that is asked for", Shard, KATYDID_GRPC_SHARDS) {
  const std::string hello(1000, 'h');
  std::string body;
  {
    Peer peer([&](Peer::Connection& connection) {
      GrpcPeer grpc{connection, connection.next_request()};
      Peer::Frame frame;
      while (connection.read(frame) && frame.type != Peer::data) {
      }
      body = frame.payload;
      grpc.head();
      grpc.message("fine");
      grpc.trailers();
      connection.wait_for_close();
    });
    Shard shard(peer.url(""));
    shard.run(say(shard.grpc, hello, {.compression = true}));
    CHECK(shard.entry() == "grpc /test.Echo/Say");
  }
  REQUIRE(body.size() > grpc_prefix_size);
  CHECK(body.size() < 100);
  CHECK(body[0] == 1);
  std::string sent;
  CHECK(gunzip(std::string_view(body).substr(grpc_prefix_size), sent, 1000) == GunzipResult::ok);
  CHECK(sent == hello);
}

TEST_CASE_TEMPLATE("gRPC: a server streams, and the status comes at the end", Shard, KATYDID_GRPC_SHARDS) {
  Peer peer([](Peer::Connection& connection) {
    GrpcPeer grpc{connection, connection.next_request()};
    grpc.head(Peer::field("grpc-encoding", "gzip"));
    grpc.message("one");
    grpc.message(gzip("two"), true);
    grpc.message("");
    grpc.trailers("8", "enough");
    connection.wait_for_close();
  });
  {
    Shard shard(peer.url(""));
    GrpcStatus status;
    CHECK(shard.run(read_all(shard.grpc, status)) == std::vector<std::string>{"one", "two", ""});
    CHECK(status.error() == "RESOURCE_EXHAUSTED: enough");
    const auto entry = shard.recorded();
    CHECK(entry.error == "RESOURCE_EXHAUSTED: enough");
    CHECK(entry.length == 6);
  }
}

TEST_CASE_TEMPLATE("gRPC: a deadline is ours as well, and the server hears that the call is over", Shard,
                   KATYDID_GRPC_SHARDS) {
  std::string reset;
  {
    Peer peer([&](Peer::Connection& connection) { count_forever(connection, reset); });
    Shard shard(peer.url(""));
    const auto status = shard.run(status_of_unary(shard.grpc, {.timeout = 100ms}));
    CHECK(status.error() == "DEADLINE_EXCEEDED: Deadline Exceeded");
    CHECK(shard.recorded().response_time >= 100ms);
    shard.turn_until([&, turns = 0]() mutable { return ++turns > 20; });
  }
  CHECK(reset == Peer::number(NGHTTP2_CANCEL));
}

TEST_CASE_TEMPLATE("gRPC: a connection that stays silent after a call takes no other one", Shard, KATYDID_GRPC_SHARDS) {
  std::atomic<int> connections = 0;
  Peer peer(
      [&](Peer::Connection& connection) {
        if (++connections == 1) return connection.wait_for_close();
        echo(connection);
      },
      {}, RawServer::Serving::at_once);
  Shard shard(peer.url(""));
  CHECK_FALSE(shard.run(status_of_unary(shard.grpc, {.timeout = 100ms})).ok());
  CHECK_FALSE(shard.run(status_of_unary(shard.grpc, {.timeout = 100ms})).ok());  // the first one saw its SETTINGS
  CHECK(shard.run(status_of_unary(shard.grpc, {.timeout = 5s})).ok());
  CHECK(connections == 2);
}

TEST_CASE_TEMPLATE("gRPC: who ends a stream early is counted without an error, and the server hears of it", Shard,
                   KATYDID_GRPC_SHARDS) {
  std::string reset;
  {
    Peer peer([&](Peer::Connection& connection) { count_forever(connection, reset); });
    Shard shard(peer.url(""));
    shard.run(read_one_and_cancel(shard.grpc));
    CHECK(shard.entry() == "grpc /test.Echo/Count");
    shard.turn_until([&, turns = 0]() mutable { return ++turns > 20; });
  }
  CHECK(reset == Peer::number(NGHTTP2_CANCEL));
  {
    Peer peer([&](Peer::Connection& connection) { count_forever(connection, reset); });
    Shard shard(peer.url(""));
    shard.run(read_one_and_leave(shard.grpc));
    CHECK(shard.entry() == "grpc /test.Echo/Count");
    CHECK(shard.recorder.cut.empty());
  }
}

TEST_CASE_TEMPLATE("gRPC: a result can be judged", Shard, KATYDID_GRPC_SHARDS) {
  Peer peer(&echo);
  Shard shard(peer.url(""));
  shard.run(judge(shard.grpc, true));
  CHECK(shard.entry() == "grpc /test.Echo/Say");
  shard.run(judge(shard.grpc, false));
  CHECK(shard.entry() == "grpc /test.Echo/Say: that is no answer");
}

TEST_CASE_TEMPLATE("gRPC: a call that was to be judged is counted when its user leaves it", Shard,
                   KATYDID_GRPC_SHARDS) {
  Peer peer(&echo);
  Shard shard(peer.url(""));
  shard.run(write_and_leave(shard.grpc));
  CHECK(shard.entry() == "grpc /test.Echo/Gather");
}

TEST_CASE_TEMPLATE("gRPC: destroying the coroutine cuts its call off", Shard, KATYDID_GRPC_SHARDS) {
  std::string reset;
  Peer peer([&](Peer::Connection& connection) { count_forever(connection, reset); });
  Shard shard(peer.url(""));
  std::optional<task<>> work;
  work = call_forever(shard.grpc);
  work->start(shard.user);
  CHECK(shard.user.requests_in_flight == 1);
  shard.turn_until([&, turns = 0]() mutable { return ++turns > 20; });
  work.reset();
  CHECK(shard.user.requests_in_flight == 0);
  CHECK(shard.recorder.samples.empty());
  CHECK(shard.recorder.cut == std::vector<std::pair<std::string, std::string>>{{"grpc", "/test.Echo/Say"}});
}

TEST_CASE_TEMPLATE("users share the connections of their calls, where they say so", Shard, KATYDID_GRPC_SHARDS) {
  CHECK(connections_for<Shard>({}) == 5);
  CHECK(connections_for<Shard>({.share_connections = true}) == 1);
  CHECK(connections_for<Shard>({.max_connections = 2, .share_connections = true}) == 2);
}

TEST_CASE_TEMPLATE("calls wait for their turn where there may be no more connections", Shard, KATYDID_GRPC_SHARDS) {
  const std::string one_stream = std::string("\0\3", 2) + Peer::number(1);  // SETTINGS_MAX_CONCURRENT_STREAMS
  CHECK(connections_for<Shard>({.max_connections = 1}, one_stream) == 5);
  CHECK(connections_for<Shard>({.max_connections = 1, .share_connections = true}, one_stream) == 1);
}
