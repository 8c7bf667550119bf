#include "worker/command/threshold.hpp"

#include "base/bad_value.hpp"
#include "worker/statistics/statistics.hpp"

#include <doctest/doctest.h>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

RunningStatistics counted() {
  Statistics statistics;
  for (int i = 1; i <= 100; ++i) {
    statistics.record({.method = "GET",
                       .name = "/hello",
                       .response_time = std::chrono::milliseconds(i),
                       .error = i > 98 ? "500" : ""});
  }
  statistics.record({.method = "POST", .name = "/a > b (c) [d]", .response_time = 400us});
  statistics.record({.method = "WS", .name = "none", .response_time = -1ns});
  statistics.record({.method = "DROPPED", .name = "Buyer", .response_time = -1ns, .apart = true});
  statistics.record({.method = "DROPPED", .name = "Seller", .response_time = -1ns, .apart = true});
  RunningStatistics running(std::chrono::system_clock::now() - 1s);
  running.add(statistics.take());
  return running;
}

bool broken(std::string_view text) { return Threshold::parse(text).broken_by(counted(), true).has_value(); }

}  // namespace

TEST_CASE("a threshold compares what the statistics show") {
  CHECK(broken("p99(GET /hello) > 99ms"));
  CHECK_FALSE(broken("p99(GET /hello) > 100ms"));
  CHECK(broken("p99(/hello) >= 100ms"));
  CHECK(broken("  p50 ( /hello )<0.052s "));
  CHECK(broken("p50(/hello) <= 51ms"));
  CHECK_FALSE(broken("p50(/hello) < 51ms"));
  CHECK(broken("max > 99.9ms"));
  CHECK_FALSE(broken("max > 100ms"));
  CHECK(broken("min < 1ms"));
  CHECK(broken("avg(/hello) > 50ms"));
  CHECK_FALSE(broken("avg(/hello) > 51ms"));
  CHECK(broken("fail_ratio(/hello) > 1%"));
  CHECK_FALSE(broken("fail_ratio(/hello) > 2%"));
  CHECK(broken("fail_ratio > 0.01"));
  CHECK(broken("fails >= 2"));
  CHECK(broken("requests < 103"));
  CHECK_FALSE(broken("requests < 102"));
  CHECK(broken("rps > 1"));
  CHECK(broken("dropped > 1"));
  CHECK_FALSE(broken("dropped > 2"));
  CHECK(broken("dropped(Buyer) > 0"));
  CHECK_FALSE(broken("dropped(Nobody) > 0"));
  CHECK(broken("p99(POST /a > b (c) [d]) > 300us"));
  CHECK_FALSE(broken("p99(/a > b (c) [d]) > 0.5ms"));
}

TEST_CASE("a name without a method is that of all methods") {
  Statistics statistics;
  for (int i = 0; i < 4; ++i) statistics.record({.method = "GET", .name = "/p", .response_time = 1ms});
  for (int i = 0; i < 2; ++i) statistics.record({.method = "POST", .name = "/p", .response_time = 9ms, .error = "500"});
  RunningStatistics running(std::chrono::system_clock::now() - 1s);
  running.add(statistics.take());
  for (const char* text : {"fail_ratio(/p) > 33%", "requests(/p) > 5", "max(/p) > 8ms", "min(/p) < 2ms"}) {
    CAPTURE(text);
    CHECK(Threshold::parse(text).broken_by(running, true));
  }
  CHECK_FALSE(Threshold::parse("fail_ratio(GET /p) > 0%").broken_by(running, true));
}

TEST_CASE("a rate is one over the whole time, also where the server answers no more") {
  auto statistics = counted();
  CHECK_FALSE(Threshold::parse("rps < 1").broken_by(statistics, true));
  statistics.lasts_until(WallTime(std::chrono::hours(24 * 365 * 60)));
  CHECK(Threshold::parse("rps < 1").broken_by(statistics, true));
}

TEST_CASE("what is said names the limit and the value") {
  const auto statistics = counted();
  CHECK(Threshold::parse(" p99(GET /hello) > 98ms ").broken_by(statistics, false) ==
        "p99(GET /hello) > 98ms: it is 100 ms");
  CHECK(Threshold::parse("fail_ratio(/hello)>1%").broken_by(statistics, false) == "fail_ratio(/hello)>1%: it is 2 %");
  CHECK(Threshold::parse("dropped > 0").broken_by(statistics, false) == "dropped > 0: it is 2");
}

TEST_CASE("what was not asked for can't be well in the end") {
  const auto statistics = counted();
  for (const char* text : {"p99(GET /helo) > 1s", "p99(none) > 1s", "fail_ratio(POST /hello) > 1%"}) {
    const auto threshold = Threshold::parse(text);
    CHECK_FALSE(threshold.broken_by(statistics, false));
    CHECK(threshold.broken_by(statistics, true));
  }
  CHECK(Threshold::parse("p99(GET /helo) > 1s").broken_by(statistics, true) ==
        "p99(GET /helo) > 1s: there was no request that is counted as GET /helo");
  const RunningStatistics nothing(std::chrono::system_clock::now());
  CHECK(Threshold::parse("p99 > 1s").broken_by(nothing, true) == "p99 > 1s: there was no request");
  CHECK_FALSE(Threshold::parse("dropped > 0").broken_by(nothing, true));
}

TEST_CASE("a test can be aborted") {
  CHECK(Threshold::parse("p99 > 1s abort").aborts());
  CHECK_FALSE(Threshold::parse("p99(/abort) > 1s").aborts());
  CHECK(broken("p99(/hello) > 98ms abort"));
}

TEST_CASE("what is no threshold is refused") {
  for (const char* bad : {"",
                          "p99",
                          "p99 200ms",
                          "> 200ms",
                          "p0 > 1s",
                          "p101 > 1s",
                          "p > 1s",
                          "px > 1s",
                          "p1e1 > 1s",
                          "p99 > 200",
                          "p99 > ms",
                          "p99 > 200 parsecs",
                          "p99 > -1ms",
                          "p99() > 1s",
                          "p99(/ > 1s",
                          "p99)/( > 1s",
                          "fail_ratio > 1s",
                          "fail_ratio > x%",
                          "fail_ratio > 5",
                          "fail_ratio > 101%",
                          "requests > 5%",
                          "dropped > many",
                          "p99 > 1sms",
                          "p99 >> 1s",
                          "abort",
                          "mode > 1",
                          "p99 > inf"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(Threshold::parse(bad), BadValue);
  }
}
