#include "worker/arrivals/latency_correction.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace katydid {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

nanoseconds time_passed{};
LatencyCorrection::clock::time_point now() { return LatencyCorrection::clock::time_point(1h + time_passed); }

struct Seen final : Recorder {
  void record(const Sample& sample) override {
    names.emplace_back(sample.name);
    times.push_back(sample.response_time);
    apart = apart || sample.apart;
    failed += !sample.error.empty();
    bytes += sample.response_length;
  }
  void cut_off(std::string_view, std::string_view name) override { cut.emplace_back(name); }
  std::vector<std::string> names, cut;
  std::vector<nanoseconds> times;
  bool apart = false;
  int failed = 0;
  std::uint64_t bytes = 0;

  /// At the middle of that part of all times.
  nanoseconds percentile(double part) {
    std::ranges::sort(times);
    return times.at(static_cast<std::size_t>(part * static_cast<double>(times.size() - 1)));
  }
};

/// A user with its clock.
struct Asking {
  Asking() { time_passed = {}; }

  void task(nanoseconds each, int requests = 1) {
    correction.task_begins();
    for (int i = 0; i < requests; ++i) request(each);
  }
  void request(nanoseconds took, std::string_view error = {}) {
    time_passed += took;
    correction.record({.method = "GET", .name = "/x", .response_time = took, .response_length = 10, .error = error});
  }

  Seen as_ever, corrected;
  LatencyCorrection correction{as_ever, corrected, &now};
};

TEST_CASE("what a slow answer kept from being sent is added, with the time that was left of it") {
  Asking user;
  for (int i = 0; i < 5; ++i) {
    user.task(1ms);
    time_passed += 99ms;
  }
  CHECK(user.correction.interval() == 100ms * 4 / 4);
  user.task(450ms);
  CHECK(user.as_ever.times.size() == 6);
  CHECK_FALSE(user.as_ever.apart);
  REQUIRE(user.corrected.times.size() == 9);
  CHECK(user.corrected.apart);
  CHECK(user.corrected.times[5] == 450ms);
  CHECK(user.corrected.times[6] == 350ms);
  CHECK(user.corrected.times[8] == 150ms);
  CHECK(std::ranges::count(user.corrected.names, "/x [corrected]") == 9);
  CHECK(std::ranges::count(user.as_ever.names, "/x") == 6);
  CHECK(user.corrected.bytes == 60);
}

TEST_CASE("nothing is added where answers come in time, nor before the interval is known") {
  Asking user;
  user.task(10s);
  user.task(20ms);
  CHECK(user.corrected.times.size() == 2);
  Asking other;
  for (int i = 0; i < 100; ++i) {
    other.task(i % 7 == 0 ? 60ms : 20ms);
    time_passed += 50ms;
  }
  CHECK(other.corrected.times.size() == 100);
}

TEST_CASE("a task of several requests would have sent all of them") {
  Asking user;
  for (int i = 0; i < 8; ++i) {
    user.task(5ms, 4);
    time_passed += 80ms;
  }
  CHECK(user.correction.interval() == 100ms * 7 / 28);
  user.correction.task_begins();
  user.request(1s);
  CHECK(user.corrected.times.size() == 32 + 1 + 39);  // ten tasks of four, but for the one that was sent
}

TEST_CASE("requests at the same time keep the user from others once") {
  Asking user;
  for (int i = 0; i < 8; ++i) {
    user.task(5ms);
    time_passed += 95ms;
  }
  const std::size_t before = user.corrected.times.size();
  user.correction.task_begins();
  time_passed += 1s;
  for (int i = 0; i < 3; ++i) user.correction.record({.method = "GET", .name = "/x", .response_time = 1s});
  CHECK(user.corrected.times.size() - before == 3 + 9);
}

TEST_CASE("a request that failed counts with its time, and what is no request does not") {
  Asking user;
  user.request(1ms, "refused");
  user.correction.record({.method = "X", .name = "apart", .response_time = 1ms, .apart = true});
  user.correction.record({.method = "X", .name = "none", .response_time = nanoseconds(-1)});
  user.correction.cut_off("GET", "/x");
  CHECK(user.as_ever.failed == 1);
  CHECK(user.corrected.failed == 0);
  CHECK(user.corrected.times.size() == 1);
  CHECK(user.as_ever.times.size() == 3);
  CHECK(user.as_ever.cut.size() == 1);
  CHECK(user.corrected.cut.empty());
}

TEST_CASE("what a request adds is bounded") {
  Asking user;
  for (int i = 0; i < 20; ++i) user.task(1us);
  user.task(24h);
  CHECK(user.corrected.times.size() <= 20 + 1 + 10'000);
  CHECK(user.corrected.times.size() > 9'900);
}

TEST_CASE("a server that stands still for one second in five looks to users that wait as to those that don't") {
  // A user that asks every 10 ms, and is answered in 1 ms where the server does not stand still.
  Asking user;
  while (time_passed < 5min) {
    const nanoseconds into = time_passed % 5s;
    const nanoseconds begin = time_passed;
    user.task(into >= 4s ? 5s - into + 1ms : nanoseconds(1ms));
    time_passed = std::max<nanoseconds>(time_passed, begin + 10ms);
  }
  // Of users that don't wait a fifth wait for the end of it, evenly from nothing to a second.
  Seen exact;
  for (nanoseconds at{}; at < 5min; at += 10ms)
    exact.times.push_back(at % 5s >= 4s ? 5s - at % 5s + 1ms : nanoseconds(1ms));
  CHECK(user.as_ever.percentile(0.99) == 1ms);
  for (const double part : {0.5, 0.85, 0.9, 0.95, 0.99}) {
    CAPTURE(part);
    const auto seen = user.corrected.percentile(part), right = exact.percentile(part);
    CHECK(std::chrono::abs(seen - right) <= right / 100 + 1us);
  }
  CHECK(std::abs(static_cast<double>(user.corrected.times.size()) / static_cast<double>(exact.times.size()) - 1) <
        0.01);
}

}  // namespace
}  // namespace katydid
