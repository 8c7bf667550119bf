#include "tests/support/target/target.hpp"

#include "tests/support/target/tests/raw_client.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <thread>
#include <vector>

namespace katydid::target {
namespace {

using std::chrono::milliseconds;

bool settles(const Target& target, std::string_view path, std::uint64_t completed, std::uint64_t aborted) {
  return eventually([&] {
    const auto counts = target.counts().path(path);
    return counts.completed == completed && counts.aborted == aborted;
  });
}

}  // namespace

TEST_CASE("a request is counted once its answer can be read") {
  Target target;
  RawClient client(target.port());
  for (std::uint64_t i = 1; i <= 100; ++i) {
    const auto answer = client.fetch("/hello?n=" + std::to_string(i));
    CHECK(answer.status == 200);
    CHECK(answer.body.size() == 54);
    const auto counts = target.counts();  // at once: no waiting for the target's thread
    REQUIRE(counts.started == i);
    REQUIRE(counts.completed == i);
    REQUIRE(counts.path("GET /hello").completed == i);
  }
  const auto counts = target.counts();
  CHECK(counts.aborted == 0);
  CHECK(counts.failed == 0);
  CHECK(counts.connections == 1);
  CHECK(counts.connections_closed == 0);
  client.close();
  CHECK(eventually([&] { return target.counts().connections_closed == 1; }));
}

TEST_CASE("methods and paths are counted apart, failures too") {
  Target target;
  RawClient client(target.port());
  client.fetch("/hello");
  client.send("DELETE /hello HTTP/1.1\r\nHost: test\r\n\r\n");
  CHECK(client.read_answer().status == 200);
  CHECK(client.fetch("/status/503").status == 503);
  CHECK(client.fetch("/nowhere").status == 404);
  const auto counts = target.counts();
  CHECK(counts.started == 4);
  CHECK(counts.completed == 4);
  CHECK(counts.failed == 2);
  CHECK(counts.path("GET /hello").completed == 1);
  CHECK(counts.path("DELETE /hello").completed == 1);
  CHECK(counts.path("GET /status/503").failed == 1);
  CHECK(counts.path("GET /nowhere").failed == 1);
  CHECK(counts.by_path.size() == 4);
}

TEST_CASE("a client that goes away before its answer is an abort") {
  Target target;
  SUBCASE("while the answer is delayed") {
    RawClient leaving(target.port()), staying(target.port());
    leaving.get("/delay/300");
    staying.get("/delay/300");
    REQUIRE(eventually([&] { return target.counts().in_flight() == 2; }));
    SUBCASE("by closing") { leaving.close(); }
    SUBCASE("by a reset") { leaving.reset(); }
    REQUIRE(eventually([&] { return target.counts().aborted == 1; }));
    CHECK(target.counts().completed == 0);  // noticed while it waits, not when it writes
    CHECK(staying.read_answer().status == 200);
    CHECK(settles(target, "GET /delay/300", 1, 1));
  }
  SUBCASE("while nothing comes") {
    RawClient client(target.port());
    client.get("/hang");
    REQUIRE(eventually([&] { return target.counts().in_flight() == 1; }));
    client.close();
    CHECK(settles(target, "GET /hang", 0, 1));
  }
  SUBCASE("in the middle of a body that drips") {
    RawClient client(target.port());
    client.get("/slow-body?bytes=10&chunk=1&interval_ms=50");
    client.read_answer(true);
    client.close();
    CHECK(settles(target, "GET /slow-body", 0, 1));
  }
  SUBCASE("in the middle of a body that is too big for the kernel's buffers") {
    RawClient client(target.port());
    client.shrink_receive_buffer(4096);
    client.get("/bytes/100000000");
    client.read_answer(true);
    CHECK(target.counts().in_flight() == 1);
    client.close();
    CHECK(settles(target, "GET /bytes/100000000", 0, 1));
  }
  SUBCASE("in the middle of its own body") {
    RawClient client(target.port());
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nhalf");
    REQUIRE(eventually([&] { return target.counts().in_flight() == 1; }));
    client.close();
    CHECK(settles(target, "POST /echo", 0, 1));
  }
  SUBCASE("with a second request behind the delayed one") {
    RawClient client(target.port());
    client.get("/hang");
    client.get("/hello");
    REQUIRE(eventually([&] { return target.counts().in_flight() == 1; }));
    client.close();
    CHECK(settles(target, "GET /hang", 0, 1));
    CHECK(target.counts().path("GET /hello").started == 0);
  }
}

TEST_CASE("half a head is no request") {
  Target target;
  RawClient client(target.port());
  client.send("GET /hello HTTP/1.1\r\nHost: te");
  REQUIRE(eventually([&] { return target.counts().connections == 1; }));
  client.close();
  REQUIRE(eventually([&] { return target.counts().connections_closed == 1; }));
  CHECK(target.counts().started == 0);
  CHECK(target.counts().rejected == 0);
}

TEST_CASE("answers that are cut off on purpose are aborts") {
  Target target;
  for (const auto* path : {"/close/before", "/close/headers", "/close/body", "/reset"}) {
    RawClient client(target.port());
    client.get(path);
    client.read_all();
    CHECK_MESSAGE(target.counts().path("GET " + std::string(path)).aborted == 1, path);
  }
  CHECK(target.counts().started == 4);
  CHECK(target.counts().completed == 0);
}

TEST_CASE("pipelined requests are answered in their order") {
  Target target;
  RawClient client(target.port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    const auto path = i % 5 == 0 ? "/delay/1" : "/echo?" + std::to_string(i);
    requests += "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  client.send(requests);
  for (int i = 0; i < 50; ++i) {
    const auto answer = client.read_answer();
    REQUIRE(answer.status == 200);
    if (i % 5 != 0) CHECK(nlohmann::json::parse(answer.body)["query"] == std::to_string(i));
  }
  CHECK(target.counts().completed == 50);
}

TEST_CASE("/counts tells the counts without being counted") {
  Target target;
  RawClient client(target.port());
  client.fetch("/hello");
  RawClient asking(target.port());
  auto json = nlohmann::json::parse(asking.fetch("/counts").body);
  CHECK(json["started"] == 1);
  CHECK(json["completed"] == 1);
  CHECK(json["aborted"] == 0);
  CHECK(json["failed"] == 0);
  CHECK(json["rejected"] == 0);
  CHECK(json["connections"] == 1);
  CHECK(json["connections_closed"] == 0);
  CHECK(json["by_path"]["GET /hello"]["completed"] == 1);
  CHECK(json["by_path"].size() == 1);

  SUBCASE("nor is the reset, which zeroes them") {
    CHECK(asking.fetch("/counts/reset").status == 405);
    asking.send("POST /counts/reset HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
    CHECK(asking.read_answer().status == 204);
    json = nlohmann::json::parse(asking.fetch("/counts").body);
    CHECK(json["started"] == 0);
    CHECK(json["connections"] == 0);
    CHECK(json["by_path"].empty());
    client.close();  // opened before the reset: its end is not counted after it
    RawClient later(target.port());
    later.fetch("/hello");
    CHECK(target.counts().started == 1);
    CHECK(target.counts().connections == 1);
    CHECK(target.counts().connections_closed == 0);
  }
}

TEST_CASE("a reset forgets the requests in flight") {
  Target target;
  RawClient client(target.port());
  client.get("/delay/50");
  REQUIRE(eventually([&] { return target.counts().in_flight() == 1; }));
  target.reset_counts();
  CHECK(client.read_answer().status == 200);
  CHECK(target.counts().started == 0);
  CHECK(target.counts().completed == 0);
}

TEST_CASE("paths beyond the cap are counted together") {
  Target target{{.max_paths = 3}};
  RawClient client(target.port());
  for (int i = 0; i < 10; ++i) client.fetch("/hello/" + std::to_string(i));
  client.fetch("/hello/1");
  const auto counts = target.counts();
  CHECK(counts.completed == 11);
  CHECK(counts.by_path.size() == 4);
  CHECK(counts.path("GET /hello/1").completed == 2);
  CHECK(counts.path("other").completed == 7);
}

TEST_CASE("several threads share the load and the counts add up") {
  Target target{{.threads = 3}};
  std::vector<std::thread> clients;
  for (int i = 0; i < 6; ++i) {
    clients.emplace_back([&] {
      RawClient client(target.port());
      for (int n = 0; n < 500; ++n) client.fetch(n % 2 ? "/hello" : "/bytes/100");
    });
  }
  for (auto& client : clients) client.join();
  const auto counts = target.counts();
  CHECK(counts.completed == 3000);
  CHECK(counts.path("GET /hello").completed == 1500);
  CHECK(counts.path("GET /bytes/100").completed == 1500);
  CHECK(counts.connections == 6);
}

TEST_CASE("stop breaks off what is in flight, and keeps the counts") {
  auto target = std::make_unique<Target>(Options{.threads = 2});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (const auto* path : {"/hang", "/delay/60000", "/slow-body?interval_ms=60000", "/hello", "/bytes/1000000000"}) {
    clients.push_back(std::make_unique<RawClient>(target->port()));
    clients.back()->get(path);
  }
  clients.push_back(std::make_unique<RawClient>(target->port()));  // idle
  CHECK(clients[3]->read_answer().status == 200);
  REQUIRE(eventually([&] { return target->counts().started == 5 && target->counts().connections == 6; }));
  target->stop();
  const auto counts = target->counts();
  CHECK(counts.started == 5);
  CHECK(counts.completed == 1);
  CHECK(counts.aborted == 4);
  CHECK(counts.connections_closed == 6);
  CHECK_THROWS(RawClient(target->port()));
  target->stop();  // again: nothing
  target.reset();
}

TEST_CASE("a Unix socket is served besides, and cleared away") {
  const auto path = std::filesystem::temp_directory_path() / ("katydid-target-" + std::to_string(::getpid()));
  {
    Target target{{.unix_path = path}};
    RawClient client(path.string());
    CHECK(client.fetch("/hello").status == 200);
    CHECK(RawClient(target.port()).fetch("/hello").status == 200);
    CHECK(target.counts().completed == 2);
    CHECK_THROWS_WITH((Target{{.unix_path = path}}),
                      ("cannot listen on " + path.string() + ": another server listens there").c_str());
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("what can't be listened on is named") {
  Target target;
  const auto taken = "cannot listen on 127.0.0.1:" + std::to_string(target.port()) + ": Address already in use";
  CHECK_THROWS_WITH((Target{{.port = target.port()}}), taken.c_str());
  CHECK_THROWS_WITH((Target{{.host = "no-such-host.invalid"}}),
                    doctest::Contains("cannot listen on no-such-host.invalid"));
}

TEST_CASE("IPv6 and IPv4 through [::]") {
  if (::access("/proc/net/if_inet6", R_OK) != 0) return;
  Target target{{.host = "[::]"}};
  CHECK(target.url("/x") == "http://[::]:" + std::to_string(target.port()) + "/x");
  CHECK(RawClient(target.port()).fetch("/hello").status == 200);
}

}  // namespace katydid::target
