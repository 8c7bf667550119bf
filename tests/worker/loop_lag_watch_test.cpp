#include "worker/loop_lag_watch.hpp"

#include <doctest/doctest.h>

using namespace katydid;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

constexpr auto start = LoopLagWatch::clock::time_point{} + 1h;

/// Three seconds of one shard: 150 samples of the lag and as many requests.
ShardReport report(nanoseconds lag, nanoseconds response_time, double busy = 0.3, int samples = 150) {
  ShardReport made;
  for (int i = 0; i < samples; ++i) made.lag.record(lag);
  made.wall = 3s;
  made.cpu = std::chrono::duration_cast<nanoseconds>(busy * 3s);
  StatisticsDelta::Entry entry;
  entry.key = std::make_shared<RequestKey>(RequestKey{"GET", "/"});
  entry.counts.num_requests = 200;
  entry.counts.num_none_requests = 50;
  entry.counts.total_response_time = EntryCounts::TotalTime(static_cast<std::uint64_t>(response_time.count()) * 150);
  made.statistics.emplace_back().entries.push_back(std::move(entry));
  return made;
}

bool warns(nanoseconds lag, nanoseconds response_time, double busy = 0.3) {
  LoopLagWatch watch;
  return watch.look(report(lag, response_time, busy), start).has_value();
}

}  // namespace

TEST_CASE("lag is warned of where it is a part of the response times that counts") {
  CHECK(warns(5ms, 6ms));
  CHECK(warns(5ms, 49ms));
  CHECK_FALSE(warns(5ms, 60ms));
  CHECK_FALSE(warns(900us, 1ms));
  CHECK_FALSE(warns(0ns, 1ms));
}

TEST_CASE("loops that are busy all the time are warned of below a millisecond, too") {
  CHECK(warns(200us, 450us, 0.99));
  CHECK_FALSE(warns(200us, 450us, 0.8));
  CHECK_FALSE(warns(200us, 5ms, 0.99));
}

TEST_CASE("the warning has the figures, and what to do about them") {
  LoopLagWatch watch;
  CHECK(
      *watch.look(report(4ms, 8ms, 0.99), start) ==
      "katydid loop lag: p50 4.00 ms, p99 4.00 ms, max 4.00 ms. Response times (8.00 ms on average) can be too long by "
      "as much: this generator is saturated, its loops are 99 % busy. Give it more cores or more workers, or fewer "
      "users.");
  ShardReport blocked = report(30ms, 31ms, 0.02);
  blocked.waited = 15ms;
  CHECK(watch.look(blocked, start)
            ->ends_with("this generator keeps answers waiting although its loops are only 2 % busy. Tasks block their "
                        "loop (a lock, a file, "
                        "a sleep without co_await), or other programs have the processor: its loops waited for one for "
                        "0.5 % of the "
                        "time."));
  ShardReport starved = report(61ms, 70ms, 0.4);
  starved.waited = 1740ms;
  CHECK(watch.look(starved, start)
            ->ends_with("other programs have this generator's processor. Its loops were busy for 40 % of the time and "
                        "waited for a "
                        "processor for 58 %. Give it cores of its own."));
}

TEST_CASE("the warning comes again after half a minute, or when the lag has doubled") {
  LoopLagWatch watch;
  CHECK(watch.look(report(4ms, 8ms), start));
  CHECK_FALSE(watch.look(report(4ms, 8ms), start + 3s));
  CHECK_FALSE(watch.look(report(7ms, 8ms), start + 6s));
  CHECK(watch.look(report(8ms, 8ms), start + 9s));
  CHECK_FALSE(watch.look(report(8ms, 8ms), start + 38s));
  CHECK(watch.look(report(8ms, 8ms), start + 39s));
}

TEST_CASE("one late event among few is no warning yet, nor is lag while nothing is measured") {
  LoopLagWatch watch;
  CHECK_FALSE(watch.look(report(4ms, 8ms, 0.3, 60), start));
  CHECK(watch.look(report(4ms, 8ms, 0.3, 60), start + 1s));
  ShardReport idle = report(4ms, 8ms);
  idle.statistics.clear();
  LoopLagWatch other;
  CHECK_FALSE(other.look(idle, start));
  CHECK_FALSE(other.look(report(4ms, 8ms, 0.3, 60), start + 3s));
}

TEST_CASE("the entry for the master has what was measured") {
  LoopLag lag;
  for (int i = 1; i <= 100; ++i) lag.record(i * 1ms);
  const auto entry = loop_lag_entry(lag, WallTime(nanoseconds(5s)));
  CHECK(entry.name == "katydid loop lag");
  CHECK(entry.method == "LOOP");
  CHECK(entry.num_requests == 100);
  CHECK(entry.num_failures == 0);
  CHECK(entry.total_response_time.count() == doctest::Approx(5050));
  CHECK(entry.max_response_time.count() == doctest::Approx(100));
  CHECK(entry.min_response_time->count() == doctest::Approx(1));
  std::uint64_t counted = 0;
  double last = 0;
  for (const auto& [key, count] : entry.response_times) {
    CHECK(key.count() > last);
    last = key.count();
    counted += count;
  }
  CHECK(counted == 100);
  CHECK(last < 113);
}
