// all(), any() and TaskGroup with what the clients return.
#include "net/several.hpp"
#include "net/sleep.hpp"
#include "net/task_group.hpp"
#include "tests/http/http_client_harness.hpp"

#include <algorithm>
#include <optional>

using namespace katydid;
using namespace std::chrono_literals;

TEST_CASE_TEMPLATE("all() sends requests at once and gives their answers in order", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  const auto body = [](auto& user) -> task<> {
    const auto start = Loop::clock::now();
    auto [slow, echo, missing] = co_await all(user.client.get("/delay/150"), user.client.post("/echo", json{{"a", 1}}),
                                              user.client.get("/delay/149", {.catch_response = true}));
    CHECK(Loop::clock::now() - start < 290ms);
    CHECK(slow.ok());
    CHECK(echo.json()["method"].as_string() == "POST");
    missing.failure("judged");
    CHECK(user.requests_in_flight == 0);
    std::vector<decltype(user.client.get("/"))> requests;
    for (int i = 0; i < 6; ++i) requests.push_back(user.client.get("/status/" + std::to_string(200 + i)));
    const auto answers = co_await all(std::move(requests));
    for (int i = 0; i < 6; ++i) CHECK(answers[static_cast<std::size_t>(i)].status() == 200 + i);
  };
  shard.run(body(shard.user));
  CHECK(shard.recorder.samples.size() == 9);
  CHECK(shard.recorder.cut.empty());
  CHECK(std::ranges::count_if(shard.recorder.samples,
                              [](auto& sample) { return sample.error.find("judged") != std::string::npos; }) == 1);
  CHECK(target.counts().completed == 9);
}

TEST_CASE_TEMPLATE("any() cuts the slower requests off", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  const auto body = [](auto& user) -> task<> {
    auto first = co_await any(user.client.get("/hang"), user.client.get("/delay/30"), sleep(10s));
    CHECK(first.index() == 1);
    CHECK(std::get<1>(first).ok());
    CHECK(user.requests_in_flight == 0);
    auto limited = co_await any(user.client.get("/hang"), sleep(30ms));
    CHECK(limited.index() == 1);
    CHECK(user.requests_in_flight == 0);
  };
  shard.run(body(shard.user));
  CHECK(shard.recorder.samples.size() == 1);
  REQUIRE(shard.recorder.cut.size() == 2);
  CHECK(shard.recorder.cut[1] == std::pair<std::string, std::string>("GET", "/hang"));
  shard.turn_until([&] { return target.counts().aborted == 2; });
  CHECK(get(shard, "/hello").ok());
}

TEST_CASE_TEMPLATE("a group has so many requests under way, and an exception cuts them off", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  const auto body = [](auto& user) -> task<> {
    TaskGroup group(6);
    for (int i = 0; i < 30; ++i) {
      co_await group.run(user.client.get("/delay/" + std::to_string(1 + i % 7)));
      CHECK(user.requests_in_flight <= 6);
    }
    co_await group.finished();
    CHECK(user.requests_in_flight == 0);
    const auto failing = [](auto& client) -> task<> {
      co_await client.get("/delay/20");
      throw std::runtime_error("not what was hoped for");
    };
    for (int i = 0; i < 3; ++i) co_await group.run(user.client.get("/hang"));
    co_await group.run(failing(user.client));
    CHECK_THROWS_AS(co_await group.finished(), std::runtime_error);
    CHECK(user.requests_in_flight == 0);
  };
  shard.run(body(shard.user));
  CHECK(shard.recorder.samples.size() == 31);
  CHECK(shard.recorder.cut.size() == 3);
  CHECK(target.counts().connections <= 9);
}

TEST_CASE_TEMPLATE("a user that is cancelled receives all of its requests, then parks", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  const auto twice = [](auto& client) -> task<> {
    co_await client.get("/delay/10");
    co_await client.get("/never");
  };
  const auto body = [](auto& user, auto first) -> task<> {
    co_await all(first(user.client), user.client.get("/delay/60"), user.client.get("/delay/90"));
    co_await user.client.get("/never");
  };
  auto work = body(shard.user, twice);
  work.start(shard.user);
  CHECK(shard.user.requests_in_flight == 3);
  shard.user.cancelled = true;
  shard.turn_until([&] { return shard.user.requests_in_flight == 0 && shard.user.parked >= 2; });
  CHECK(shard.recorder.samples.size() == 3);
  CHECK_FALSE(work.done());
  work = {};
  CHECK(shard.recorder.cut.empty());
  CHECK(target.counts().started == 3);
}

TEST_CASE_TEMPLATE("destroying the task cuts all of its requests off", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  const auto body = [](auto& user) -> task<> {
    TaskGroup group(2);
    co_await group.run(user.client.get("/hang?1"));
    co_await all(user.client.get("/hang?2"), group.run(user.client.get("/hang?3")), group.finished());
  };
  std::optional<task<>> work = body(shard.user);
  work->start(shard.user);
  shard.turn_until([&] { return target.counts().started == 3; });
  CHECK(shard.user.requests_in_flight == 3);
  work.reset();
  CHECK(shard.user.requests_in_flight == 0);
  CHECK(shard.recorder.cut.size() == 3);
  CHECK(shard.recorder.samples.empty());
  CHECK(get(shard, "/hello").ok());
}

TEST_CASE("a request that waits for a connection of others was not sent, so it is not cut off") {
  target::Target target;
  FastShard shard(ClientOptions{.base_url = target.url(), .max_connections = 1});
  const auto body = [](auto& user) -> task<> {
    const auto first = co_await any(user.client.get("/delay/30"), user.client.get("/hello"));
    CHECK(first.index() == 0);
  };
  shard.run(body(shard.user));
  CHECK(shard.recorder.samples.size() == 1);
  CHECK(shard.recorder.cut.size() <= 1);
  shard.turn_until([&] { return target.counts().in_flight() == 0; });
  CHECK(target.counts().completed <= shard.recorder.samples.size() + shard.recorder.cut.size());
}

TEST_CASE_TEMPLATE("any() gives a read of a stream a limit of its own", Shard, KATYDID_FAST_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  const auto body = [](auto& user) -> task<> {
    auto answer = co_await user.client.get("/slow-body?bytes=640&chunk=64&interval_ms=60", {.stream = true});
    int lines = 0, late = 0;
    while (true) {
      const auto read = co_await any(answer.line(), sleep(20ms));
      const auto* line = std::get_if<0>(&read);
      if (line && !*line) break;
      ++(line ? lines : late);
    }
    CHECK(answer.stream_error() == "");
    CHECK(lines >= 10);
    CHECK(late >= 5);
  };
  shard.run(body(shard.user));
  CHECK(shard.recorder.samples.size() == 1);
}
