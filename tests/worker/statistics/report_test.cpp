#include "worker/statistics/report.hpp"

#include "base/value.hpp"
#include "tests/worker/statistics/golden_samples.hpp"
#include "tests/worker/statistics/support.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::test::ManualTime;

namespace {

using Counts = std::map<double, std::uint64_t>;

Counts counts_of(const Value& object) {
  Counts counts;
  for (const auto& [key, value] : object.as_object()) counts[std::stod(key.as_string())] = value.as_uint();
  return counts;
}
Counts counts_of(const std::vector<std::pair<protocol::Milliseconds, std::uint64_t>>& pairs) {
  Counts counts;
  for (const auto& [key, count] : pairs) counts[key.count()] += count;
  CHECK(counts.size() == pairs.size());
  return counts;
}
Counts counts_of(const std::vector<std::pair<std::chrono::sys_seconds, std::uint64_t>>& pairs) {
  Counts counts;
  for (const auto& [second, count] : pairs) counts[static_cast<double>(second.time_since_epoch().count())] += count;
  CHECK(counts.size() == pairs.size());
  return counts;
}

double epoch(protocol::EpochTime time) { return time.time_since_epoch().count(); }
auto near(double value) { return doctest::Approx(value).epsilon(1e-9); }
auto stamp(double value) { return doctest::Approx(value).epsilon(1e-15); }

void check_entry(const protocol::StatsEntry& ours, const Value& locust) {
  CHECK(ours.num_requests == locust["num_requests"].as_uint());
  CHECK(ours.num_none_requests == locust["num_none_requests"].as_uint());
  CHECK(ours.num_failures == locust["num_failures"].as_uint());
  CHECK(ours.total_content_length == locust["total_content_length"].as_uint());
  CHECK(ours.total_response_time.count() == near(locust["total_response_time"].as_double()));
  CHECK(ours.max_response_time.count() == near(locust["max_response_time"].as_double()));
  REQUIRE(ours.min_response_time.has_value() == !locust["min_response_time"].is_null());
  if (ours.min_response_time) CHECK(ours.min_response_time->count() == near(locust["min_response_time"].as_double()));
  REQUIRE(ours.last_request_timestamp);
  CHECK(epoch(*ours.last_request_timestamp) == stamp(locust["last_request_timestamp"].as_double()));
  CHECK(counts_of(ours.response_times) == counts_of(locust["response_times"]));
  CHECK(counts_of(ours.num_reqs_per_sec) == counts_of(locust["num_reqs_per_sec"]));
  CHECK(counts_of(ours.num_fail_per_sec) == counts_of(locust["num_fail_per_sec"]));
}

}  // namespace

TEST_CASE("a report says what Locust's own worker says about the same samples") {
  ManualTime time{.wall = std::chrono::time_point_cast<std::chrono::system_clock::duration>(test::golden_start)};
  Statistics statistics(time.options(Rounding::locust));
  for (const auto& sample : test::golden_samples()) {
    time.advance(test::golden_start + sample.at - time.wall);
    statistics.record(sample.sample());
  }
  const auto report = make_report(statistics.take(), {{"Shopper", 10}, {"Admin", 2}});
  const Value locust = Value::parse(test::golden_text("statistics_report.json"));

  REQUIRE(report.stats.size() == locust["stats"].size());
  for (std::size_t i = 0; i < report.stats.size(); ++i) {
    const Value& expected = locust["stats"][i];
    CAPTURE(report.stats[i].name);
    CHECK(report.stats[i].name == expected["name"].as_string());
    CHECK(report.stats[i].method == expected["method"].as_string());
    CHECK(epoch(report.stats[i].start_time) == stamp(expected["start_time"].as_double()));
    check_entry(report.stats[i], expected);
  }
  check_entry(report.total, locust["stats_total"]);
  CHECK(report.total.method == "");

  REQUIRE(report.errors.size() == locust["errors"].size());
  for (std::size_t i = 0; i < report.errors.size(); ++i) {
    const Value& expected = locust["errors"][i];
    CHECK(report.errors[i].name == expected["name"].as_string());
    CHECK(report.errors[i].method == expected["method"].as_string());
    CHECK(report.errors[i].error == expected["error"].as_string());
    CHECK(report.errors[i].occurrences == expected["occurrences"].as_uint());
    CHECK(epoch(report.errors[i].first_seen.value()) == stamp(expected["first_seen"].as_double()));
    CHECK(epoch(report.errors[i].last_seen.value()) == stamp(expected["last_seen"].as_double()));
  }
  CHECK(report.user_classes_count == protocol::UserClassesCount{{"Admin", 2}, {"Shopper", 10}});
  CHECK(report.user_count == 12);
}

TEST_CASE("a report keeps fractions of milliseconds") {
  Statistics statistics;
  statistics.record({.method = "GET", .name = "/", .response_time = 372'500ns});
  const auto report = make_report(statistics.take(), {});
  CHECK(report.stats.at(0).total_response_time.count() == 0.3725);
  CHECK(report.stats.at(0).min_response_time.value().count() == 0.3725);
  CHECK(report.stats.at(0).response_times == decltype(report.total.response_times){{protocol::Milliseconds(0.37), 1}});
}

TEST_CASE("an idle worker reports nothing, and no start before its time") {
  ManualTime time;
  Statistics statistics(time.options());
  statistics.record({.method = "GET", .name = "/"});
  statistics.take();
  statistics.cut_off("GET", "/");
  const auto report = make_report(statistics.take(), {});
  CHECK(report.stats.empty());
  CHECK(report.errors.empty());
  CHECK(report.total.num_requests == 0);
  CHECK_FALSE(report.total.min_response_time);
  CHECK_FALSE(report.total.last_request_timestamp);
  CHECK(epoch(report.total.start_time) == 1'790'000'000);
  CHECK(report.user_count == 0);
}

TEST_CASE("no two errors of a report have the same method, name and text") {
  Statistics a, b, control;
  for (Statistics* shard : {&a, &b}) {
    for (int i = 0; i < 30; ++i) {
      shard->record({.method = i % 2 ? "GET" : "POST", .name = "/", .error = i % 3 ? "x" : "y"});
    }
    control.merge(shard->take());
  }
  const auto report = make_report(control.take(), {});
  std::set<std::tuple<std::string, std::string, std::string>> keys;
  for (const auto& error : report.errors) keys.insert({error.method, error.name, error.error});
  CHECK(keys.size() == 4);
  CHECK(report.errors.size() == 4);
}
