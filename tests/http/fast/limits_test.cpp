#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

task<int> status_of(FastHttpClient& client, std::string_view path) { co_return (co_await client.get(path)).status(); }

}  // namespace

TEST_CASE_TEMPLATE("a limit for each read begins anew with each piece", Shard, KATYDID_FAST_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    for (int piece = 0; piece < 5; ++piece) {
      std::this_thread::sleep_for(100ms);
      RawServer::write(fd, "x");
    }
  });
  Shard patient(ClientOptions{.base_url = server.url(), .timeout = 300ms, .timeout_of_each_read = true});
  CHECK(get(patient, "/").body() == "xxxxx");
  CHECK(patient.recorded().response_time > 450ms);
  Shard whole(ClientOptions{.base_url = server.url(), .timeout = 300ms});
  CHECK(get(whole, "/").error() == "Timeout: no complete answer within 300 ms");
}

TEST_CASE_TEMPLATE("a limit for each read says where it struck", Shard, KATYDID_FAST_SHARDS) {
  RawServer server([](int fd) {
    const auto head = RawServer::read_head(fd);
    if (head.find("/body") != head.npos) RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nx");
    if (head.find("/head") != head.npos) RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Le");
    RawServer::wait_for_close(fd);
  });
  Shard shard(ClientOptions{.base_url = server.url(), .timeout = 150ms, .timeout_of_each_read = true});
  CHECK(get(shard, "/nothing").error() == "Timeout: no answer within 150 ms");
  CHECK(get(shard, "/head").error() == "Timeout: no answer within 150 ms");
  CHECK(get(shard, "/body").error() == "BodyTimeout: no more of the body within 150 ms");
}

TEST_CASE_TEMPLATE("requests wait for a place among the connections to their origin", Shard, KATYDID_FAST_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .connect_timeout = 50ms, .max_connections = 2});
  std::vector<task<int>> works;
  const auto start = Loop::clock::now();
  const auto begin = [&](std::string_view path) {
    works.push_back(status_of(shard.user.client, path));
    works.back().start(shard.user);
  };
  for (int i = 0; i < 4; ++i) begin("/delay/100");
  {
    auto given_up = status_of(shard.user.client, "/delay/100");
    given_up.start(shard.user);
  }
  begin("/hello");
  shard.turn_until([&] { return std::ranges::all_of(works, &task<int>::done); });
  for (auto& work : works) CHECK(work.result() == 200);
  CHECK(Loop::clock::now() - start > 190ms);
  CHECK(shard.recorder.samples.size() == 5);
  CHECK(shard.recorder.cut.empty());
  CHECK(shard.recorder.samples.back().response_time > 190ms);
}

TEST_CASE_TEMPLATE("a connection that breaks makes place for the next", Shard, KATYDID_FAST_SHARDS) {
  RawServer server([](int fd) { RawServer::read_head(fd); });
  Shard shard(ClientOptions{.base_url = server.url(), .max_connections = 1});
  std::vector<task<int>> works;
  for (int i = 0; i < 3; ++i) {
    works.push_back(status_of(shard.user.client, "/"));
    works.back().start(shard.user);
  }
  shard.turn_until([&] { return std::ranges::all_of(works, &task<int>::done); });
  CHECK(shard.recorder.samples.size() == 3);
}

TEST_CASE_TEMPLATE("a time limit for the whole counts the wait for a place", Shard, KATYDID_FAST_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .max_connections = 1});
  auto first = status_of(shard.user.client, "/delay/300");
  first.start(shard.user);
  const auto late = ask(shard, [](auto& client) { return client.get("/hello", {.timeout = 100ms}); });
  CHECK(late.error() == "Timeout: no complete answer within 100 ms");
  shard.turn_until([&] { return first.done(); });
  CHECK(get(shard, "/hello").status() == 200);
}
