#include "http/large_bodies.hpp"

#include "base/pooling.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <chrono>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

TEST_CASE("the memory of a large body serves the next one") {
  std::string body;
  reserve_body(body, 1'000'000);
  CHECK(body.capacity() >= 1'000'000);
  const char* const memory = body.data();
  body.assign("what was there");
  recycle_body(body);
  CHECK(body.empty());
  CHECK(body.capacity() < 100);
  std::string small, fits;
  reserve_body(small, 2'000);
  CHECK(small.capacity() < 100'000);
  reserve_body(fits, 900'000);
  CHECK(fits.empty());
  CHECK((fits.data() == memory) == pools_memory);
  // A promise of more is not believed.
  std::string promised;
  reserve_body(promised, 1ULL << 60);
  CHECK(promised.capacity() < 3'000'000);
}

TEST_CASE("what is kept of large bodies is bounded") {
  std::set<const char*> memories;
  {
    std::vector<std::string> bodies(64);
    for (auto& body : bodies) {
      reserve_body(body, 1 << 20);
      memories.insert(body.data());
    }
    for (auto& body : bodies) recycle_body(body);
  }
  // Those that are kept come back first; what is made anew may by chance be where a freed one was.
  std::vector<std::string> again(10);
  for (auto& body : again) {
    reserve_body(body, 1 << 20);
    CHECK((!pools_memory || memories.contains(body.data())));
  }
  std::string huge(20 << 20, 'x');
  recycle_body(huge);
  CHECK(huge.capacity() < 100);
}

TEST_CASE_TEMPLATE("a large body that trickles in keeps a limit for each read from striking", Shard,
                   KATYDID_FAST_SHARDS) {
  const RawServer trickles([](int fd) {
    while (!RawServer::read_head(fd).empty()) {
      RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(300'000, 'x'));
      for (int i = 0; i < 8; ++i) {
        std::this_thread::sleep_for(150ms);
        RawServer::write(fd, std::string(1'000, 'y'));
      }
      RawServer::write(fd, std::string(692'000, 'z'));
    }
  });
  for (const bool discards : {false, true}) {
    CAPTURE(discards);
    Shard shard(ClientOptions{.base_url = trickles.url(), .timeout = 600ms, .timeout_of_each_read = true});
    const auto response = ask(shard, [&](auto& client) { return client.get("/", {.discard_body = discards}); });
    CHECK(response.error().empty());
    CHECK(response.length() == 1'000'000);
    if (discards) continue;
    CHECK(response.body()[300'001] == 'y');
    CHECK(response.body().back() == 'z');
  }
}

TEST_CASE_TEMPLATE("a large body that stops coming ends by the limit for a read", Shard, KATYDID_FAST_SHARDS) {
  const RawServer stops([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(300'000, 'x'));
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(200ms);
      RawServer::write(fd, std::string(1'000, 'y'));
    }
    RawServer::wait_for_close(fd);
  });
  for (const bool discards : {false, true}) {
    CAPTURE(discards);
    Shard shard(ClientOptions{.base_url = stops.url(), .timeout = 500ms, .timeout_of_each_read = true});
    const auto response = ask(shard, [&](auto& client) { return client.get("/", {.discard_body = discards}); });
    CHECK(response.error().starts_with("BodyTimeout"));
    CHECK(response.elapsed() > 850ms);
    CHECK(response.elapsed() < 3s);
  }
}
