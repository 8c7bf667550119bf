// A request is counted as a whole, or not at all, and none is lost on its way to the report.
#include "worker/statistics/statistics.hpp"

#include "protocol/codec.hpp"
#include "tests/allocations/failing.hpp"
#include "worker/statistics/report.hpp"

#include <array>
#include <chrono>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;
using testing::fail_each_allocation;
using testing::FailingAllocation;

namespace {

constexpr std::string_view long_name = "/a/path/of/some/length/so/that/it/needs/memory";

const std::array samples{
    Sample{.method = "GET", .name = long_name, .response_time = 5ms, .response_length = 10},
    Sample{.method = "GET", .name = long_name, .response_time = 700ms, .response_length = 10},
    Sample{.method = "GET", .name = long_name, .response_time = 500s, .response_length = 10},
    Sample{.method = "GET", .name = long_name, .response_time = 5ms, .error = "an error of some length, for memory"},
    Sample{.method = "POST", .name = "/other", .response_time = 5ms, .error = "another error, of some length"},
    Sample{.method = "POST", .name = "/other", .response_time = -1ns, .error = "another error, of some length"},
};

/// Each sample once, however often it takes; and how many failures there were.
int record_all(Statistics& statistics, std::uint64_t n) {
  const FailingAllocation one(n);
  int failures = 0;
  for (const Sample& sample : samples) {
    try {
      statistics.record(sample);
    } catch (const std::bad_alloc&) {
      ++failures;
      statistics.record(sample);
    }
  }
  return failures;
}

void check(const StatisticsDelta& delta) {
  const EntryCounts total = delta.total();
  CHECK(total.num_requests == samples.size());
  CHECK(total.num_failures == 3);
  CHECK(total.num_none_requests == 1);
  CHECK(total.response_times.total() == samples.size() - 1);
  CHECK(total.total_content_length == 30);
  std::uint64_t by_second = 0, failures = 0, errors = 0;
  for (const SecondCounts& second : total.seconds) {
    by_second += second.requests;
    failures += second.failures;
  }
  for (const auto& error : delta.errors) errors += error.counts.occurrences;
  CHECK(by_second == samples.size());
  CHECK(failures == 3);
  CHECK(errors == 3);
  CHECK(delta.errors.size() == 2);
  CHECK(delta.entries.size() == 2);
}

}  // namespace

TEST_CASE("a request that found no memory is counted as if it had not been, and may be counted again") {
  int failures = 0;
  for (std::uint64_t n = 1;; ++n) {
    CAPTURE(n);
    Statistics statistics;
    const int failed = record_all(statistics, n);
    check(statistics.take());
    CHECK(statistics.empty());
    if (failed == 0) break;
    failures += failed;
  }
  CHECK(failures > 5);
}

TEST_CASE("what could not be taken is there the next time") {
  for (std::uint64_t n = 1;; ++n) {
    CAPTURE(n);
    Statistics statistics;
    record_all(statistics, 0);
    statistics.cut_off("GET", long_name);
    bool failed = false;
    StatisticsDelta delta;
    {
      const FailingAllocation one(n);
      try {
        delta = statistics.take();
      } catch (const std::bad_alloc&) {
        failed = true;
      }
    }
    if (failed) delta = statistics.take();
    check(delta);
    REQUIRE(delta.cut_off.size() == 1);
    if (!failed) break;
  }
}

TEST_CASE("a report") {
  Statistics statistics;
  record_all(statistics, 0);
  const StatisticsDelta delta = statistics.take();
  fail_each_allocation([&]() -> std::string {
    return protocol::encode(make_report(delta, {{"a class with a name of some length", 3}}), "host_1");
  });
}
