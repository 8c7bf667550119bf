// What FastHttpClient does over HTTP/2, against a real server: nghttpx in front of the target, whose count is the
// judge.
#include "net/several.hpp"
#include "net/sleep.hpp"
#include "net/task_group.hpp"
#include "tests/http/http_client_harness.hpp"
#include "tests/support/nghttpx.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// A target of its own behind a proxy.
struct Peer {
  target::Target target{{.threads = 1}};
  Nghttpx proxy{target.port()};

  ClientOptions options(bool tls) const {
    return {.base_url = tls ? proxy.tls_url() : proxy.url(), .http_version = HttpVersion::http2, .verify = false};
  }
};

Peer& peer() {
  static Peer only;
  return only;
}

struct Counted {
  std::uint64_t before = peer().target.counts().completed;
  std::uint64_t operator()() const { return peer().target.counts().completed - before; }
};

task<std::string> rest_of(Response& response) {
  std::string all;
  while (true) {
    const auto piece = co_await response.read();
    if (piece.empty()) co_return all;
    all += piece;
  }
}

#define KATYDID_NEEDS_NGHTTPX                                 \
  if (!Nghttpx::is_installed()) {                             \
    MESSAGE("nghttpx is not installed; tools/setup --tests"); \
    return;                                                   \
  }

}  // namespace

TEST_CASE_TEMPLATE("HTTP/2: methods, bodies and headers arrive as they are sent", Shard, KATYDID_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  for (const bool tls : {false, true}) {
    Shard shard(peer().options(tls));
    const Counted counted;
    const auto answer = get(shard, "/hello");
    CHECK(answer.error() == "");
    CHECK(answer.body().size() == 54);
    CHECK(answer.header("Content-Type") == "text/plain");
    CHECK(answer.reason() == "OK");
    const auto echo = ask(shard, [](auto& client) {
      return client.post("/echo?a=1", json{{"name", "ann"}},
                         {.headers = {{"X-Own", "value"}, {"Connection", "keep-alive"}}});
    });
    CHECK(echo.error() == "");
    REQUIRE(echo.status() == 200);
    CHECK(echo.json()["method"].as_string() == "POST");
    CHECK(echo.json()["target"].as_string() == "/echo?a=1");
    CHECK(echo.json()["body"].as_string() == R"({"name":"ann"})");
    CHECK(echo.json().dump().find("nghttpx") != std::string::npos);    // it came through the proxy
    CHECK(echo.json().dump().find("2 nghttpx") != std::string::npos);  // by HTTP/2: "Via: 2 nghttpx"
    CHECK(ask(shard, [](auto& client) { return client.head("/bytes/1000"); }).header("content-length") == "1000");
    CHECK(ask(shard, [](auto& client) { return client.post("/echo", ""); }).status() == 200);
    CHECK(get(shard, "/status/404").error().find("404") != std::string::npos);
    CHECK(get(shard, "/status/204").body() == "");
    CHECK(get(shard, "/gzip/100000").body().size() == 100'000);
    CHECK(counted() == 7);
    CHECK(shard.recorder.samples.size() == 7);
  }
}

TEST_CASE_TEMPLATE("HTTP/2: redirects, cookies and logins", Shard, KATYDID_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  Shard shard(peer().options(true));
  CHECK(get(shard, "/redirect/3").redirects() == 3);
  CHECK(get(shard, "/cookies/set?a=1").status() == 200);
  CHECK(get(shard, "/cookies").body().find("\"a\"") != std::string::npos);
  const auto echo = ask(shard, [](auto& client) {
    return client.get("/echo", {.cookies = {{"b", "2"}}, .auth = {"ann", "secret"}});
  });
  CHECK(echoed(echo.json(), "Cookie").find("b=2") != std::string::npos);
  CHECK(echoed(echo.json(), "Authorization").starts_with("Basic "));
}

TEST_CASE_TEMPLATE("HTTP/2: a digest is asked for once, and answered with the second request", Shard, KATYDID_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  for (const bool tls : {false, true}) {
    CAPTURE(tls);
    for (const std::string algorithm : {"MD5", "SHA-256"}) {
      Shard shard(peer().options(tls));
      const Counted counted;
      const auto with = [&](const std::string& password) {
        return ask(shard, [&](auto& client) {
          return client.get("/digest-auth/ann/secret?algorithm=" + algorithm, {.digest = {"ann", password}});
        });
      };
      const auto answer = with("secret");
      CHECK(answer.error() == "");
      CHECK(answer.body().find("ann") != std::string::npos);
      CHECK(counted() == 2);
      CHECK(with("wrong").status() == 401);
      CHECK(counted() == 4);
      CHECK(shard.recorder.samples.size() == 2);
      const auto posted = ask(shard, [&](auto& client) {
        return client.post("/digest-auth/ann/secret", std::string(100'000, 'x'), {.digest = {"ann", "secret"}});
      });
      CHECK(posted.status() == 200);
      CHECK(counted() == 6);
    }
  }
}

TEST_CASE_TEMPLATE("HTTP/2: many requests share one connection", Shard, KATYDID_FAST_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  for (const bool tls : {false, true}) {
    Shard shard(peer().options(tls));
    const Counted counted;
    const auto body = [](auto& user) -> task<> {
      const auto start = Loop::clock::now();
      std::vector<decltype(user.client.get("/"))> requests;
      for (int i = 0; i < 300; ++i) requests.push_back(user.client.get("/delay/50"));
      for (const auto& answer : co_await all(std::move(requests))) CHECK(answer.error() == "");
      CHECK(Loop::clock::now() - start < 5s);
      TaskGroup group(40);
      for (int i = 0; i < 400; ++i) co_await group.run(user.client.get("/bytes/" + std::to_string(i * 50)));
      co_await group.finished();
    };
    shard.run(body(shard.user));
    CHECK(shard.recorder.samples.size() == 700);
    for (const auto& sample : shard.recorder.samples) CHECK(sample.error == "");
    CHECK(counted() == 700);
  }
}

TEST_CASE_TEMPLATE("HTTP/2: large bodies pass both ways, of text and of a source", Shard, KATYDID_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  constexpr std::size_t size = 5'000'000;
  for (const bool tls : {false, true}) {
    Shard shard(peer().options(tls));
    CHECK(get(shard, "/bytes/20000000").body().size() == 20'000'000);
    const auto bytes = [](const Response& answer) { return answer.json()["bytes"].as_int(); };
    CHECK(bytes(ask(shard, [&](auto& client) { return client.post("/upload", std::string(size, 'x')); })) == size);
    const auto fill = [](std::size_t left) {
      return [left](std::span<char> room) mutable {
        const auto made = std::min({left, room.size(), std::size_t{10'000}});
        std::fill_n(room.data(), made, 'y');
        left -= made;
        return made;
      };
    };
    CHECK(bytes(ask(shard, [&](auto& client) { return client.post("/upload", body_from(fill(size))); })) == size);
    CHECK(bytes(ask(shard, [&](auto& client) { return client.post("/upload", body_from(fill(size), size)); })) == size);
    const auto short_one = ask(shard, [&](auto& client) { return client.post("/upload", body_from(fill(100), 200)); });
    CHECK(short_one.error() == "BodyError: the body ended after 100 of 200 bytes");
    CHECK(get(shard, "/hello").ok());
  }
}

TEST_CASE_TEMPLATE("HTTP/2: a stream is read as it comes, and held back meanwhile", Shard, KATYDID_FAST_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  Shard shard(peer().options(true));
  const auto body = [](auto& user) -> task<> {
    auto large = co_await user.client.get("/bytes/30000000", {.stream = true});
    CHECK(large.status() == 200);
    co_await sleep(200ms);
    CHECK(large.stream()->pending().size() < 4'000'000);
    const auto value1 = co_await user.client.get("/hello");
    CHECK(value1.ok());  // over the same connection
    const auto value5 = co_await rest_of(large);
    CHECK(value5.size() == 30'000'000);
    CHECK(large.stream_error() == "");
    auto dropped = co_await user.client.get("/bytes/30000000", {.stream = true});
    dropped.close_stream();
    const auto value2 = co_await user.client.get("/hello");
    CHECK(value2.ok());
    auto empty = co_await user.client.get("/status/204", {.stream = true});
    const auto value6 = co_await rest_of(empty);
    CHECK(value6 == "");
    auto packed = co_await user.client.get("/gzip/300000", {.stream = true});
    const auto value7 = co_await rest_of(packed);
    CHECK(value7.size() == 300'000);
  };
  shard.run(body(shard.user));
}

TEST_CASE_TEMPLATE("HTTP/2: time limits and cancellation end one request of many", Shard, KATYDID_FAST_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  Shard shard(peer().options(false));
  const auto body = [](auto& user) -> task<> {
    auto [late, fine] = co_await all(user.client.get("/hang", {.timeout = 100ms}), user.client.get("/delay/200"));
    CHECK(late.error() == "Timeout: no complete answer within 100 ms");
    CHECK(fine.ok());
    const auto first = co_await any(user.client.get("/hang"), user.client.get("/delay/30"));
    CHECK(first.index() == 1);
    const auto value3 = co_await user.client.get("/hello");
    CHECK(value3.ok());
  };
  shard.run(body(shard.user));
  CHECK(shard.recorder.samples.size() == 4);
  REQUIRE(shard.recorder.cut.size() == 1);
  CHECK(shard.recorder.cut[0].second == "/hang");
}

TEST_CASE_TEMPLATE("HTTP/2: what was not sent yet is not cut off", Shard, KATYDID_FAST_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  Shard shard(peer().options(true));
  const auto body = [](auto& user) -> task<> {
    TaskGroup group(50);
    for (int i = 0; i < 50; ++i) co_await group.run(user.client.get("/hang"));
    co_await group.finished();
  };
  const auto before = peer().target.counts().started;
  std::optional<task<>> work = body(shard.user);
  work->start(shard.user);
  work.reset();  // there is no connection yet
  CHECK(shard.recorder.cut.empty());
  CHECK(shard.user.requests_in_flight == 0);
  CHECK(get(shard, "/hello").ok());
  CHECK(peer().target.counts().started == before + 1);
  work = body(shard.user);
  work->start(shard.user);
  shard.turn_until([&] { return peer().target.counts().started == before + 51; });
  work.reset();
  CHECK(shard.recorder.cut.size() == 50);
}

TEST_CASE_TEMPLATE("the server chooses between HTTP/2 and 1.1 when it may", Shard, KATYDID_SHARDS) {
  KATYDID_NEEDS_NGHTTPX
  auto options = peer().options(true);
  options.http_version = HttpVersion::automatic;
  Shard shard(options);
  const auto body = [](auto& user) -> task<> {
    std::vector<decltype(user.client.get("/"))> requests;
    for (int i = 0; i < 20; ++i) requests.push_back(user.client.get("/echo"));
    for (const auto& answer : co_await all(std::move(requests)))
      CHECK(answer.body().find("2 nghttpx") != std::string::npos);
  };
  shard.run(body(shard.user));
  options.base_url = test_target().tls_url();
  Shard other(options);
  const auto old = [](auto& user) -> task<> {
    std::vector<decltype(user.client.get("/"))> requests;
    for (int i = 0; i < 20; ++i) requests.push_back(user.client.get("/echo"));
    for (const auto& answer : co_await all(std::move(requests))) CHECK(answer.json()["version"].as_string() == "1.1");
    const auto value4 = co_await user.client.get("/hello");
    CHECK(value4.ok());
  };
  other.run(old(other.user));
  options.http_version = HttpVersion::http2;
  Shard strict(options);
  CHECK(get(strict, "/hello")
            .error()
            .starts_with("HTTP2Error: the server does not speak HTTP/2, and http_version asks for it (127.0.0.1:"));
  options.http_version = HttpVersion::automatic;
  options.base_url = test_target().url();  // without TLS
  Shard plain(options);
  CHECK(get(plain, "/hello").ok());
}
