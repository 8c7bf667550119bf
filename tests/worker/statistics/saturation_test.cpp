#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"
#include "tests/worker/statistics/support.hpp"
#include "worker/loop_lag_watch.hpp"
#include "worker/statistics/report.hpp"
#include "worker/statistics/running.hpp"
#include "worker/statistics/statistics.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::test::ManualTime;

namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();
constexpr auto longest = std::chrono::nanoseconds::max();

Sample sample(std::uint64_t length, std::chrono::nanoseconds time = 1ms) {
  return {.method = "GET", .name = "/", .response_time = time, .response_length = length};
}

StatisticsDelta delta_of(std::initializer_list<Sample> samples) {
  Statistics statistics;
  for (const Sample& each : samples) statistics.record(each);
  return statistics.take();
}

/// What the master's Python reads.
Value sent(const StatisticsDelta& delta) { return protocol::unpack(protocol::encode(make_report(delta, {}), "id"))[1]; }

}  // namespace

TEST_CASE("lengths stay at the largest number that a message can have") {
  for (const auto& delta : {delta_of({sample(most)}), delta_of({sample(most), sample(1)}),
                            delta_of({sample(most / 2 + 1), sample(most / 2 + 1), sample(most)})}) {
    const Value data = sent(delta);
    CHECK(data["stats"][0]["total_content_length"].as_uint() == most);
    CHECK(data["stats_total"]["total_content_length"].as_uint() == most);
  }
  CHECK(sent(delta_of({sample(most - 1)}))["stats"][0]["total_content_length"].as_uint() == most - 1);
}

TEST_CASE("what is counted of several names, shards and reports stays there, too") {
  Sample other = sample(most);
  other.name = "/other";
  CHECK(sent(delta_of({sample(most), other}))["stats_total"]["total_content_length"].as_uint() == most);

  Statistics all;
  for (int shard = 0; shard < 3; ++shard) all.merge(delta_of({sample(most, longest), sample(7, longest)}));
  const StatisticsDelta delta = all.take();
  CHECK(sent(delta)["stats"][0]["total_content_length"].as_uint() == most);

  RunningStatistics run{WallTime{}};
  for (int i = 0; i < 3; ++i) run.add(delta);
  CHECK(run.total().total_content_length == most);
  CHECK(run.total().total_response_time == EntryCounts::TotalTime::max());
  CHECK(run.total().num_requests == 18);
}

TEST_CASE("times of centuries are summed up to the end of the counter, and are keys that Python's master takes") {
  const Value entry = sent(delta_of({sample(0, longest), sample(0, longest), sample(0, longest)}))["stats"][0];
  CHECK(entry["total_response_time"].as_double() == doctest::Approx(0x1p64 / 1e6));
  CHECK(entry["max_response_time"].as_double() == doctest::Approx(0x1p63 / 1e6));
  CHECK(entry["min_response_time"].as_double() == doctest::Approx(0x1p63 / 1e6));
  REQUIRE(entry["response_times"].size() == 1);
  const auto& [key, count] = *entry["response_times"].as_object().begin();
  CHECK(key.as_double() == doctest::Approx(0x1p63 / 1e6));
  CHECK(count.as_uint() == 3);
}

TEST_CASE("numbers of requests stay at their end") {
  StatisticsDelta delta = delta_of({sample(1)});
  EntryCounts& counts = delta.entries[0].counts;
  counts.num_requests = counts.num_failures = counts.num_none_requests = most - 1;
  counts.response_times.add(slot_of(1ms, Rounding::fine), most - 2);
  EntryCounts sum;
  for (int i = 0; i < 3; ++i) sum.merge(counts);
  CHECK(sum.num_requests == most);
  CHECK(sum.num_failures == most);
  CHECK(sum.num_none_requests == most);
  CHECK(sum.response_times.total() == most);
  CHECK(sum.response_times.percentile(1) == 1ms);
  CHECK(sum.response_times.percentile(0) == 1ms);

  ErrorCounts errors{.occurrences = most};
  errors.merge({.occurrences = 2});
  CHECK(errors.occurrences == most);
}

TEST_CASE("the watch of the loops' lag takes such times, too") {
  ShardReport report;
  for (int i = 0; i < 150; ++i) report.lag.record(5ms);
  report.wall = 3s;
  report.statistics.push_back(delta_of({sample(0, longest), sample(0, longest), sample(0, longest)}));
  LoopLagWatch watch;
  for (int i = 0; i < 3; ++i) CHECK_FALSE(watch.look(report, LoopLagWatch::clock::time_point{} + 1h));
}
