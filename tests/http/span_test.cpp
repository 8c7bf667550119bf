#include "http/span.hpp"

#include "tests/http/http_client_harness.hpp"
#include "tests/support/kept_spans.hpp"
#include "tests/support/nghttpx.hpp"

#include <algorithm>
#include <set>

using namespace katydid;
using namespace std::chrono_literals;

TEST_CASE_TEMPLATE("a traced request says what its span is", Shard, KATYDID_SHARDS) {
  Spans spans;
  Shard shard(test_target().url());
  shard.user.class_name = "Visitor";
  std::set<std::string> seen;
  for (int i = 0; i < 3; ++i) {
    const auto response = ask(shard, [](auto& client) {
      return client.post("/echo?q=1", "text", {.name = "/echo", .headers = {{"X-Mine", "1"}}});
    });
    const auto span = spans.one();
    CHECK(echoed(response.json(), "traceparent") == span.traceparent);
    CHECK(echoed(response.json(), "X-Mine") == "1");
    CHECK(span.traceparent.size() == 55);
    CHECK(span.method == "POST");
    CHECK(span.name == "/echo");
    CHECK(span.url == test_target().url("/echo?q=1"));
    CHECK(span.user_class == "Visitor");
    CHECK(span.status == 200);
    CHECK(span.error.empty());
    CHECK(span.duration == shard.recorded().response_time);
    seen.insert(span.traceparent);
  }
  CHECK(seen.size() == 3);
}

TEST_CASE_TEMPLATE("HTTP/2: a traced request says what its span is", Shard, KATYDID_SHARDS) {
  if (!Nghttpx::is_installed()) {
    MESSAGE("nghttpx is not installed; tools/setup --tests");
    return;
  }
  target::Target target{{.threads = 1}};
  Nghttpx proxy{target.port()};
  Spans spans;
  Shard shard(ClientOptions{.base_url = proxy.url(), .http_version = HttpVersion::http2});
  for (int i = 0; i < 3; ++i) {
    const auto echo = ask(shard, [](auto& client) {
                        return client.get("/echo", {.headers = {{"X-Mine", "1"}}});
                      }).json();
    CHECK(echoed(echo, "Traceparent") == spans.one().traceparent);  // as nghttpx writes names
    CHECK(echoed(echo, "X-Mine") == "1");
  }
}

TEST_CASE_TEMPLATE("a user's own traceparent stays, and makes no span", Shard, KATYDID_SHARDS) {
  Spans spans;
  Shard shard(test_target().url());
  const std::string mine = "00-11111111111111111111111111111111-2222222222222222-01";
  const auto response = ask(shard, [&](auto& client) {
    return client.get("/echo", {.headers = {{"TraceParent", mine}}});
  });
  CHECK(echoed(response.json(), "TraceParent") == mine);
  CHECK(spans.kept.empty());
  const auto traced = get(shard, "/echo").json();
  CHECK(echoed(traced, "traceparent") == spans.one().traceparent);
  shard.user.client.options().headers.emplace_back("traceparent", mine);
  CHECK(echoed(get(shard, "/echo").json(), "traceparent") == mine);
  CHECK(spans.kept.empty());
}

TEST_CASE_TEMPLATE("redirects are part of one span", Shard, KATYDID_SHARDS) {
  Spans spans;
  Shard shard(test_target().url());
  const auto response = get(shard, "/redirect-to?status=302&url=" + percent_encoded("/echo"));
  const auto span = spans.one();
  CHECK(echoed(response.json(), "traceparent") == span.traceparent);
  CHECK(span.redirects == 1);
  CHECK(span.url == test_target().url("/redirect-to?status=302&url=" + percent_encoded("/echo")));
  CHECK(span.status == 200);
}

TEST_CASE_TEMPLATE("a span ends as its request is counted", Shard, KATYDID_SHARDS) {
  Spans spans;
  Shard shard(test_target().url());
  static_cast<void>(get(shard, "/status/503"));
  auto span = spans.one();
  CHECK(span.status == 503);
  CHECK(span.error == shard.recorded().error);
  {
    auto judged = ask(shard, [](auto& client) { return client.get("/hello", {.catch_response = true}); });
    CHECK(spans.kept.empty());
    judged.rename("renamed");
    judged.failure("too friendly");
  }
  span = spans.one();
  CHECK(span.status == 200);
  CHECK(span.name == "renamed");
  CHECK(span.error == "CatchResponseError('too friendly')");
  shard.recorder.samples.clear();
  static_cast<void>(ask(shard, [](auto& client) { return client.get("http://127.0.0.1:1/"); }));
  span = spans.one();
  CHECK(span.status == 0);
  CHECK(span.error == shard.recorded().error);
}

TEST_CASE_TEMPLATE("what is cut off has a span that says so", Shard, KATYDID_SHARDS) {
  Spans spans;
  Shard shard(test_target().url());
  {
    auto waiting = awaiting(shard.user.client, [](auto& client) { return client.get("/delay/5000"); });
    waiting.start(shard.user);
    const auto begun = Loop::clock::now();
    shard.turn_until([&] { return Loop::clock::now() - begun > 100ms; });
  }
  REQUIRE(shard.recorder.cut.size() == 1);
  const auto span = spans.one();
  CHECK(span.name == "/delay/5000");
  CHECK(span.error.starts_with("CutOff: "));
  CHECK(span.duration >= 100ms);
}

TEST_CASE_TEMPLATE("only a share is traced, and requests need not say it", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  CHECK(echoed(get(shard, "/echo").json(), "traceparent").empty());
  {
    Spans spans(0.5);
    int said = 0;
    for (int i = 0; i < 100; ++i) said += echoed(get(shard, "/echo").json(), "traceparent").empty() ? 0 : 1;
    CHECK(said == static_cast<int>(spans.kept.size()));
    CHECK(said > 20);
    CHECK(said < 80);
    for (const auto& span : spans.kept) CHECK(span.ids.trace[8] < 0x80);  // as TraceIdRatioBased decides it
  }
  Spans silent(1, false);
  CHECK(echoed(get(shard, "/echo").json(), "traceparent").empty());
  CHECK(silent.kept.size() == 1);
}
