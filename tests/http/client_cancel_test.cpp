#include "net/sleep.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/support/raw_server.hpp"

#include <algorithm>
#include <deque>
#include <optional>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

template <class Client>
task<> one_get(Client& client, std::string_view path) {
  co_await client.get(path);
}

template <class Client>
task<> get_forever(Client& client, std::string_view path) {
  for (;;) co_await client.get(path);
}

template <class Client>
task<> get_times(Client& client, int times, std::string_view path) {
  for (int i = 0; i < times; ++i) co_await client.get(path);
}

/// Waits until the target has nothing in flight and has noticed that so many connections ended: that comes a moment
/// later, and until then it may find a request in one that nobody waits for any more.
template <class Shard>
target::Counts settled(Shard& shard, target::Target& target, std::uint64_t closed = 0) {
  target::Counts counts;
  shard.turn_until([&] {
    counts = target.counts();
    return counts.in_flight() == 0 && counts.connections_closed >= closed;
  });
  return counts;
}

}  // namespace

TEST_CASE_TEMPLATE("destroying the coroutine cuts its request off, at every stage of it", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  std::optional<task<>> work;
  enum class Sent { yes, no };  // one that was not sent is no part of the target's count
  const auto cut_after = [&](std::string_view path, Sent sent, auto condition) {
    CAPTURE(path);
    work = one_get(shard.user.client, path);
    work->start(shard.user);
    CHECK(shard.user.requests_in_flight == 1);
    shard.turn_until(condition);
    if (!shard.recorder.samples.empty()) FAIL(shard.recorder.samples[0].error);
    REQUIRE_FALSE(work->done());
    work.reset();
    CHECK(shard.user.requests_in_flight == 0);
    CHECK(shard.recorder.samples.empty());
    REQUIRE(shard.recorder.cut.size() == (sent == Sent::yes ? 1 : 0));
    if (sent == Sent::yes) {
      CHECK(shard.recorder.cut[0] == std::pair<std::string, std::string>("GET", std::string(path)));
    }
    shard.recorder.cut.clear();
  };
  cut_after("/hello", Sent::no, [] { return true; });  // while it connects
  cut_after("/hang", Sent::yes, [&] { return target.counts().path("GET /hang").started == 1; });
  cut_after("/slow-body", Sent::yes, [&] { return target.counts().path("GET /slow-body").started == 1; });
  shard.user.client.options().base_url = "http://nosuch.invalid";
  cut_after("/name", Sent::no, [] { return true; });  // while the name is looked up
  shard.user.client.options().base_url = target.url();
  // What was cut off does not come back: neither a late answer nor a half-read connection disturbs the next request.
  const auto before = target.counts();
  CHECK(get(shard, "/hello").body().size() == 54);
  CHECK(target.counts().connections == before.connections + 1);
  CHECK(settled(shard, target).aborted >= 2);
}

TEST_CASE_TEMPLATE("a cancelled user starts nothing", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  shard.user.cancelled = true;
  {
    auto work = one_get(shard.user.client, "/hello");
    work.start(shard.user);
    CHECK(shard.user.parked == 1);
    CHECK(shard.user.requests_in_flight == 0);
    for (int i = 0; i < 3; ++i) shard.loop.poll();
    CHECK_FALSE(work.done());
  }
  CHECK(shard.recorder.cut.empty());
  CHECK(shard.recorder.samples.empty());
  CHECK(target.counts().connections == 0);
}

TEST_CASE_TEMPLATE("a request goes on with its coroutine from the loop, recorded and counted down before", Shard,
                   KATYDID_SHARDS) {
  ClosedPort closed;
  Shard shard("http://127.0.0.1:" + std::to_string(closed.port()));
  const auto check = [](Shard& s) -> task<> {
    for (int i = 0; i < 3; ++i) {
      const auto turn = s.loop.turn();
      co_await s.user.client.get("/x");
      CHECK(s.loop.turn() != turn);  // though the refusal is known at once
      CHECK(s.user.requests_in_flight == 0);
      CHECK(s.recorder.samples.size() == static_cast<std::size_t>(i + 1));
    }
  };
  shard.run(check(shard));
}

TEST_CASE_TEMPLATE("several requests of one user run at once, on one set of cookies", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  get(shard, "/cookies/set?a=1&Path=/");
  const auto start = Loop::clock::now();
  for (int round = 0; round < 2; ++round) {
    std::deque<task<Response>> all;
    for (int i = 0; i < 8; ++i) {
      all.push_back(awaiting(shard.user.client, [](auto& client) { return client.get("/delay/100"); }));
      all.back().start(shard.user);
    }
    CHECK(shard.user.requests_in_flight == 8);
    shard.turn_until([&] { return std::ranges::all_of(all, [](auto& one) { return one.done(); }); });
    for (auto& one : all) CHECK(one.result().ok());
    CHECK(shard.user.requests_in_flight == 0);
  }
  CHECK(Loop::clock::now() - start < 1600ms);
  CHECK(shard.recorder.samples.size() == 17);
  CHECK(target.counts().connections == 8);
  get(shard, "/cookies/set?b=2&Path=/");
  CHECK(get(shard, "/cookies").json()["cookies"].size() == 2);
}

TEST_CASE_TEMPLATE("options that change while a request is under way are for the next one", Shard, KATYDID_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .headers = {{"X-A", "1"}}});
  auto slow = awaiting(shard.user.client, [](auto& client) { return client.get("/redirect-to?url=/delay/60"); });
  slow.start(shard.user);
  shard.user.client.options().headers = {{"X-A", "2"}};
  CHECK(echoed(get(shard, "/echo").json(), "X-A") == "2");
  shard.turn_until([&] { return slow.done(); });
  CHECK(slow.result().ok());
}

TEST_CASE("requests in one condition are made one after another") {
  FastShard shard(test_target().url());
  const auto both = [](FastHttpClient& client) -> task<bool> {
    if (!(co_await client.get("/hello")).ok() || !(co_await client.get("/status/204")).ok()) co_return false;
    co_return (co_await client.get("/status/404")).ok() || (co_await client.post("/echo", json{{"a", "b"}})).ok();
  };
  CHECK(shard.run(both(shard.user.client)));
  CHECK(shard.recorder.samples.size() == 4);
}

TEST_CASE_TEMPLATE("a thousand users in one loop: every request is counted once, on as many connections", Shard,
                   KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  std::deque<typename Shard::User> users;
  std::deque<task<>> work;
  for (int i = 0; i < 1000; ++i) {
    auto& user = users.emplace_back(shard.loop, shard.recorder, shard.engine, ClientOptions{.base_url = target.url()});
    work.push_back(get_times(user.client, 5, "/hello"));
    work.back().start(user);
  }
  shard.turn_until([&] { return std::ranges::all_of(work, [](auto& one) { return one.done(); }); });
  CHECK(shard.recorder.samples.size() == 5000);
  CHECK(std::ranges::all_of(shard.recorder.samples, [](auto& sample) { return sample.error.empty(); }));
  const auto counts = settled(shard, target);
  CHECK(counts.started == 5000);
  CHECK(counts.completed == 5000);
  CHECK(counts.connections == 1000);
}

TEST_CASE_TEMPLATE("nothing is lost when users are destroyed in the middle", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  std::deque<typename Shard::User> users;
  std::deque<task<>> work;
  for (int i = 0; i < 100; ++i) {
    auto& user = users.emplace_back(shard.loop, shard.recorder, shard.engine, ClientOptions{.base_url = target.url()});
    work.push_back(get_forever(user.client, i % 2 ? "/hello" : "/delay/3"));
    work.back().start(user);
  }
  shard.turn_until([&] { return shard.recorder.samples.size() > 2000; });
  work.clear();
  users.clear();
  CHECK(shard.recorder.cut.size() == 100);
  const auto counts = settled(shard, target, 100);
  const auto recorded = shard.recorder.samples.size();
  // Every request that was started is recorded or cut off; of the latter the target may have completed some.
  CHECK(counts.started <= recorded + shard.recorder.cut.size());
  CHECK(counts.completed >= recorded);
  CHECK(counts.completed + counts.aborted == counts.started);
}

TEST_CASE_TEMPLATE("a user may destroy another one while its own request comes in", Shard, KATYDID_SHARDS) {
  target::Target target;
  Shard shard(target.url());
  std::deque<typename Shard::User> users;
  std::deque<task<>> work;
  for (int i = 0; i < 20; ++i) {
    auto& user = users.emplace_back(shard.loop, shard.recorder, shard.engine, ClientOptions{.base_url = target.url()});
    work.push_back(get_forever(user.client, "/hello"));
    work.back().start(user);
  }
  const auto reaper = [](auto& client, std::deque<task<>>& victims) -> task<> {
    while (!victims.empty()) {
      co_await client.get("/hello");
      victims.pop_back();
    }
  };
  shard.run(reaper(shard.user.client, work));
  CHECK(shard.recorder.cut.size() == 20);
}
