// Where the time of a request went, against servers whose delays are known.
#include "http/body_source.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <chrono>
#include <span>
#include <string>
#include <thread>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

constexpr auto none = Phases::none;

/// Waits before an answer's first byte, and before the rest of its body.
RawServer delaying(std::chrono::milliseconds head, std::chrono::milliseconds body) {
  return RawServer([=](int fd) {
    while (!RawServer::read_head(fd).empty()) {
      std::this_thread::sleep_for(head);
      RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
      std::this_thread::sleep_for(body);
      RawServer::write(fd, "cde");
    }
  });
}

}  // namespace

TEST_CASE_TEMPLATE("the first byte is told from the last", Shard, KATYDID_SHARDS) {
  const RawServer server = delaying(80ms, 400ms);
  Shard shard(server.url());
  for (int i = 0; i < 2; ++i) {
    const auto response = get(shard, "/");
    const Phases& phases = response.phases();
    CHECK(response.body() == "abcde");
    CHECK(phases.first_byte >= 79ms);
    CHECK(response.elapsed() - phases.first_byte >= 110ms);
    CHECK(phases.request_sent >= 0ms);
    CHECK(phases.request_sent <= phases.first_byte - 75ms);
    CHECK(phases.name_lookup == none);
    CHECK(phases.tls == none);
    CHECK((phases.connect == none) == (i > 0));  // the connection is kept
    CHECK(phases.connect <= phases.request_sent);
    CHECK(shard.recorded().phases == phases);
  }
}

TEST_CASE_TEMPLATE("a stream and a caught request have phases, too", Shard, KATYDID_SHARDS) {
  const RawServer server = delaying(80ms, 50ms);
  Shard shard(server.url());
  {
    auto response = ask(shard, [](auto& client) { return client.get("/", {.stream = true}); });
    CHECK(response.phases().first_byte >= 79ms);
    CHECK(response.elapsed() - response.phases().first_byte < 40ms);
    CHECK(shard.recorded().phases == response.phases());
  }
  Phases phases;
  {
    auto response = ask(shard, [](auto& client) { return client.get("/", {.catch_response = true}); });
    phases = response.phases();
    response.failure("no");
  }
  CHECK(phases.first_byte >= 79ms);
  CHECK(shard.recorded().phases == phases);
}

TEST_CASE_TEMPLATE("a new connection over TLS has a handshake, and the next request none", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().tls_url(), .verify = false});
  const auto first = get(shard, "/hello");
  CHECK(first.ok());
  CHECK(first.phases().connect >= 0ms);
  CHECK(first.phases().tls > 0ms);
  CHECK(first.phases().connect + first.phases().tls <= first.phases().request_sent + 2ms);
  CHECK(first.phases().first_byte >= first.phases().request_sent);
  const auto second = get(shard, "/hello");
  CHECK(second.phases().connect == none);
  CHECK(second.phases().tls == none);
  CHECK(second.phases().first_byte >= 0ms);
}

TEST_CASE_TEMPLATE("a name is looked up", Shard, KATYDID_SHARDS) {
  Shard shard("http://localhost:" + std::to_string(test_target().port()));
  const auto response = get(shard, "/hello");
  CHECK(response.ok());
  CHECK(response.phases().name_lookup >= 0ms);
  CHECK(response.phases().connect >= 0ms);
  CHECK(get(shard, "/hello").phases().name_lookup == none);
}

TEST_CASE_TEMPLATE("redirects are added up, and the first byte is the last answer's", Shard, KATYDID_SHARDS) {
  const RawServer last = delaying(60ms, 0ms);
  const RawServer first([&](int fd) {
    RawServer::read_head(fd);
    std::this_thread::sleep_for(70ms);
    RawServer::write(
        fd, "HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: " + last.url() + "/x\r\n\r\n");
  });
  Shard shard(first.url());
  const auto response = get(shard, "/");
  CHECK(response.redirects() == 1);
  CHECK(response.phases().first_byte >= 128ms);
  CHECK(response.phases().request_sent >= 69ms);
  CHECK(response.phases().connect >= 0ms);
  CHECK(response.phases().connect < 60ms);
}

TEST_CASE_TEMPLATE("a request that fails has the phases that it came to", Shard, KATYDID_SHARDS) {
  const ClosedPort closed;
  Shard refused("http://127.0.0.1:" + std::to_string(closed.port()));
  CHECK(get(refused, "/").phases() == Phases{});

  const RawServer silent([](int fd) {
    RawServer::read_head(fd);
    std::this_thread::sleep_for(20ms);
  });
  Shard unanswered(silent.url());
  const auto response = get(unanswered, "/");
  CHECK(response.status() == 0);
  CHECK(response.phases().connect >= 0ms);
  CHECK(response.phases().request_sent >= 0ms);
  CHECK(response.phases().first_byte == none);
}

TEST_CASE_TEMPLATE("the last byte of an upload is sent when its source has ended", Shard, KATYDID_FAST_SHARDS) {
  int pieces = 0;
  const FillBody slow = [&pieces](std::span<char> room) -> std::size_t {
    std::this_thread::sleep_for(30ms);
    room[0] = 'x';
    return ++pieces <= 3 ? 1 : 0;
  };
  Shard shard(test_target().url());
  const auto response = ask(shard, [&](auto& client) { return client.post("/upload", body_from(slow)); });
  CHECK(response.ok());
  CHECK(response.phases().request_sent >= 85ms);
  CHECK(response.phases().first_byte >= response.phases().request_sent);
}
