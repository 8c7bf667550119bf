// Connections that belong to all users of a loop.
#include "tests/http/http_client_harness.hpp"
#include "tests/support/nghttpx.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// A loop with several users, who all have the same options.
template <EventLoop Kind>
struct Crowd {
  using User = TestUser<FastHttpClient, FastEngine>;

  Crowd(int count, const ClientOptions& options) : shard(options) {
    for (int i = 0; i < count; ++i)
      users.push_back(std::make_unique<User>(shard.loop, recorder, shard.engine, options));
  }

  /// Lets each of them ask at once, so many times; returns how many connections were made for that.
  int ask(std::string_view path, int times) {
    std::vector<task<Response>> asked;
    for (int i = 0; i < times; ++i) {
      for (auto& user : users) {
        asked.push_back(awaiting(user->client, [path](auto& client) { return client.get(path); }));
        asked.back().start(*user);
      }
    }
    shard.turn_until([&] { return std::ranges::all_of(asked, &task<Response>::done); });
    int made = 0;
    for (auto& each : asked) {
      const Response response = each.result();
      CHECK(response.status() == 200);
      CHECK(response.error().empty());
      made += response.phases().connect >= 0ns ? 1 : 0;
    }
    return made;
  }

  TestShard<FastHttpClient, FastEngine, Kind> shard;
  TestRecorder recorder;
  std::vector<std::unique_ptr<User>> users;
};

template <EventLoop Kind>
struct OnLoop {
  static constexpr EventLoop kind = Kind;
};
#define KATYDID_LOOPS OnLoop<EventLoop::automatic>, OnLoop<EventLoop::epoll>

struct Peer {
  target::Target target{{.threads = 1}};
  Nghttpx proxy{target.port()};
};

}  // namespace

TEST_CASE_TEMPLATE("users share one HTTP/2 connection, or so many as they say", Loop, KATYDID_LOOPS) {
  if (!Nghttpx::is_installed()) {
    MESSAGE("nghttpx is not installed; tools/setup --tests");
    return;
  }
  const Peer peer;
  for (const bool tls : {false, true}) {
    CAPTURE(tls);
    ClientOptions options{
        .base_url = tls ? peer.proxy.tls_url() : peer.proxy.url(), .http_version = HttpVersion::http2, .verify = false};
    const auto before = peer.target.counts().completed;
    Crowd<Loop::kind> alone(5, options);
    CHECK(alone.ask("/delay/5", 2) == 5);

    options.share_connections = true;
    Crowd<Loop::kind> together(20, options);
    CHECK(together.ask("/delay/5", 4) == 1);
    CHECK(together.ask("/hello", 1) == 0);

    options.max_connections = 3;
    Crowd<Loop::kind> spread(20, options);
    CHECK(spread.ask("/delay/5", 4) == 3);
    CHECK(spread.ask("/hello", 1) == 0);
    CHECK(peer.target.counts().completed - before == 10 + 80 + 20 + 80 + 20);
  }
}

TEST_CASE_TEMPLATE("more than the server takes at once goes over another connection", Loop, KATYDID_LOOPS) {
  if (!Nghttpx::is_installed()) return;
  const Peer peer;
  Crowd<Loop::kind> crowd(
      250, ClientOptions{.base_url = peer.proxy.url(), .http_version = HttpVersion::http2, .share_connections = true});
  const int made = crowd.ask("/delay/50", 1);  // it takes a hundred
  CHECK(made == 3);
}

TEST_CASE_TEMPLATE("HTTP/1.1 connections are shared, too, and cookies are not", Loop, KATYDID_LOOPS) {
  target::Target target;
  Crowd<Loop::kind> crowd(10, ClientOptions{.base_url = target.url(), .max_connections = 2, .share_connections = true});
  CHECK(crowd.ask("/delay/5", 3) == 2);
  CHECK(target.counts().connections == 2);
  CHECK(target.counts().completed == 30);
  const auto cookies = [&](std::size_t user, std::string_view path) {
    return crowd.shard.run(awaiting(crowd.users[user]->client, [path](auto& client) { return client.get(path); }))
        .text();
  };
  cookies(0, "/cookies/set?a=b");
  CHECK(cookies(0, "/cookies").find("\"b\"") != std::string::npos);
  CHECK(cookies(1, "/cookies").find("\"b\"") == std::string::npos);
  CHECK(target.counts().connections == 2);
}

TEST_CASE_TEMPLATE("a user that goes in the middle takes nothing from the others", Loop, KATYDID_LOOPS) {
  if (!Nghttpx::is_installed()) return;
  const Peer peer;
  const ClientOptions options{
      .base_url = peer.proxy.url(), .http_version = HttpVersion::http2, .share_connections = true};
  Crowd<Loop::kind> crowd(3, options);
  CHECK(crowd.ask("/hello", 1) == 1);
  {
    auto asked = awaiting(crowd.users.back()->client, [](auto& client) { return client.get("/delay/10000"); });
    asked.start(*crowd.users.back());
    crowd.shard.turn_until([&] { return peer.target.counts().started > 3; });
  }
  CHECK(crowd.recorder.cut.size() == 1);
  crowd.users.pop_back();
  CHECK(crowd.ask("/hello", 2) == 0);
  crowd.users.clear();  // and with the last of them goes the connection
  for (int i = 0; i < 2; ++i) {
    crowd.users.push_back(std::make_unique<TestUser<FastHttpClient, FastEngine>>(crowd.shard.loop, crowd.recorder,
                                                                                 crowd.shard.engine, options));
  }
  CHECK(crowd.ask("/hello", 1) == 0);  // the shard's own user has kept it
}

TEST_CASE("who has other settings for connections does not share them") {
  target::Target target;
  ClientOptions options{.base_url = target.url(), .share_connections = true};
  TestShard<FastHttpClient, FastEngine> shard(options);
  options.unix_socket = "/nowhere";
  TestUser<FastHttpClient, FastEngine> other(shard.loop, shard.recorder, shard.engine, options);
  CHECK(get(shard, "/hello").ok());
  CHECK(shard.run(awaiting(other.client, [](auto& client) { return client.get("/hello"); })).status() == 0);
  options.unix_socket.clear();
  options.headers = {{"X-Own", "1"}};
  options.timeout = 5s;
  TestUser<FastHttpClient, FastEngine> same(shard.loop, shard.recorder, shard.engine, options);
  CHECK(shard.run(awaiting(same.client, [](auto& client) { return client.get("/hello"); })).ok());
  CHECK(target.counts().connections == 1);
}
