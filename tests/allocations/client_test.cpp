// A user's requests, without memory at each place in turn: they fail with a text or an exception, the user goes on.
#include "tests/allocations/failing.hpp"
#include "tests/grpc/grpc_harness.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/websocket/websocket_harness.hpp"

#include <chrono>
#include <string>
#include <thread>

using namespace katydid;
using testing::FailingAllocation;
using testing::refused;

namespace {

using WebSocketUser = WebSocketShard<EventLoop::automatic>;
using GrpcUser = GrpcShard<EventLoop::automatic>;

template <class Client>
task<std::string> ask_for(Client& client, std::string_view path) {
  const Response response = co_await client.get(path);
  co_return response.error().empty() ? std::to_string(response.status()) + response.body()
                                     : std::string(refused) + response.error();
}

/// By a shard of its own: as what the loop throws ends the worker, with a message.
template <class Shard>
std::string end_of(Shard& shard, task<std::string> work) {
  work.start(shard.user);
  const auto deadline = Loop::clock::now() + std::chrono::seconds(5);
  while (!work.done() && Loop::clock::now() < deadline) {
    shard.loop.poll();
    std::this_thread::sleep_for(std::chrono::microseconds(50));  // the target has threads of this process
  }
  return work.done() ? work.result() : "it has no end";
}

template <class Shard>
std::string one_request(std::string_view path) {
  Shard shard(ClientOptions{.base_url = test_target().url()});
  return end_of(shard, ask_for(shard.user.client, path));
}

task<std::string> talk(WebSocketClient& ws) {
  try {
    WebSocket socket = co_await ws.connect("/echo");
    std::string all = (co_await socket.ask("hello")).data;
    all += (co_await socket.ask(std::string(20'000, 'x'))).data;
    co_await socket.ping();
    co_await socket.send("one");
    const auto message = co_await socket.receive();
    all += message ? message->data : "nothing";
    co_await socket.close();
    co_return all;
  } catch (const WebSocketError& error) {
    co_return std::string(refused) + error.what();
  }
}

/// Answers each request of HTTP/2 with its number.
void count(Peer::Connection& connection) {
  Peer::Frame frame;
  int requests = 0;
  while (connection.read(frame)) {
    if (frame.type != Peer::headers) continue;
    connection.send(
        {.type = Peer::headers, .flags = Peer::end_headers, .stream = frame.stream, .payload = Peer::status(200)});
    connection.send(
        {.type = Peer::data, .flags = Peer::end_stream, .stream = frame.stream, .payload = std::to_string(++requests)});
  }
}

task<std::string> ask_twice(FastHttpClient& client) {
  std::string all = co_await ask_for(client, "/one");
  if (all.starts_with(refused)) co_return all;
  const std::string second = co_await ask_for(client, "/two");
  co_return second.starts_with(refused) ? second : all + second;
}

task<std::string> call(GrpcClient& client) {
  auto result = co_await client.unary<std::string>("/test.Echo/Say", std::string(1'000, 'x'),
                                                   {.metadata = {{"x-own-bin", "\xff"}}});
  if (!result.ok()) co_return std::string(refused) + result.status().message;
  std::string all = *result;
  auto stream = client.client_stream<std::string, std::string>("/test.Echo/Gather");
  const bool written = co_await stream.write("one");
  auto gathered = co_await stream.finish();
  if (!written || !gathered.ok()) co_return std::string(refused) + gathered.status().message;
  co_return all + *gathered;
}

}  // namespace

TEST_CASE("one request") {
  for (const std::string_view path :
       {"/hello", "/gzip/20000", "/bytes/200000", "/redirect/2", "/cookies/set?a=b", "/chunked/5000"}) {
    CAPTURE(path);
    testing::fail_each_allocation([&] { return one_request<FastShard>(path); });
  }
}

TEST_CASE("one request by libcurl") {
  for (const std::string_view path : {"/hello", "/gzip/20000", "/redirect/2", "/cookies/set?a=b"}) {
    CAPTURE(path);
    testing::fail_each_allocation([&] { return one_request<HttpShard>(path); });
  }
}

TEST_CASE("requests of HTTP/2") {
  Peer server(count);
  testing::fail_each_allocation([&] {
    FastShard shard(ClientOptions{.base_url = server.url(), .http_version = HttpVersion::http2});
    return end_of(shard, ask_twice(shard.user.client));
  });
}

TEST_CASE("a WebSocket") {
  RawWebSocketServer server(RawWebSocketServer::echo);
  testing::fail_each_allocation([&] {
    WebSocketUser shard(server.url());
    return end_of(shard, talk(shard.ws));
  });
}

TEST_CASE("calls of gRPC") {
  Peer server(echo);
  testing::fail_each_allocation([&] {
    GrpcUser shard(ClientOptions{.base_url = server.url()});
    return end_of(shard, call(shard.grpc));
  });
}
