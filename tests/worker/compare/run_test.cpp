#include "worker/compare/run.hpp"

#include "worker/reports/hdr_log.hpp"
#include "worker/reports/json_report.hpp"
#include "worker/statistics/running.hpp"
#include "worker/statistics/statistics.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

constexpr auto no_skip = 0s;

/// A file that is removed in the end.
struct File {
  std::string path = (std::filesystem::temp_directory_path() / ("katydid-run-" + std::to_string(::getpid()))).string();
  ~File() { std::filesystem::remove(path); }
  std::string text() const {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
};

StatisticsDelta second_of(std::chrono::milliseconds time, int requests) {
  Statistics statistics;
  for (int i = 0; i < requests; ++i)
    statistics.record({.method = "GET", .name = "/a, b", .response_time = time, .response_length = 1});
  statistics.record({.method = "POST", .name = "/c%2C", .response_time = 2ms, .error = "broken"});
  statistics.record({.method = "GET", .name = "/a, b [connect]", .response_time = 1ms, .apart = true});
  return statistics.take();
}

}  // namespace

TEST_CASE("a log of --hdr-log is read as it was written") {
  const File file;
  const WallTime start{1'790'000'000s};
  {
    reports::HdrLog log(file.path, reports::HdrLog::Names::told_apart);
    log.begin(start);
    for (int second = 1; second <= 3; ++second) {
      if (second != 2) log.add(second_of(12ms, 10 * second));
      log.look(start + std::chrono::seconds(second));
    }
  }
  const compare::Run run = compare::read_run(file.path, no_skip);
  CHECK(run.file == file.path);
  CHECK(run.failures_known);
  CHECK(run.times_by_interval);
  CHECK(run.seconds == 3);
  CHECK(run.total.requests == 42);
  REQUIRE(run.total.intervals.size() == 3);
  CHECK(run.total.intervals[0].requests == 11);
  CHECK(run.total.intervals[0].failures == 1);
  CHECK(run.total.intervals[0].milliseconds == doctest::Approx(122));
  CHECK(run.total.intervals[1].requests == 0);
  REQUIRE(run.names.size() == 2);
  const compare::Series& named = run.names.at("GET /a, b");
  REQUIRE(named.intervals.size() == 3);
  CHECK(named.intervals[1].requests == 0);
  CHECK(named.intervals[2].requests == 30);
  REQUIRE(named.times.size() == 1);
  CHECK(named.times.begin()->first == doctest::Approx(12).epsilon(0.001));
  CHECK(named.times.begin()->second == 40);
  CHECK(run.names.contains("POST /c%2C"));

  CHECK(compare::read_run(file.path, 2s).total.requests == 31);
  CHECK_THROWS_AS(compare::read_run(file.path, 9s), std::runtime_error);
  CHECK_THROWS_AS(compare::read_run(file.path + "-", no_skip), std::runtime_error);
}

TEST_CASE("a log of somebody else's has no failures and no tags") {
  const File file;
  {
    reports::HdrLog log(file.path, reports::HdrLog::Names::together);
    log.begin(WallTime{1'790'000'000s});
    log.add(second_of(150ms, 7));
    log.look(WallTime{1'790'000'001s});
  }
  std::istringstream lines(file.text());
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("#[Counts")) text += line + "\r\n";
  }
  const compare::Run run = compare::hdr_run(text, no_skip);
  CHECK_FALSE(run.failures_known);
  CHECK(run.total.requests == 8);
  CHECK(run.total.milliseconds == doctest::Approx(7 * 150 + 2).epsilon(0.001));
  CHECK(run.names.empty());
}

TEST_CASE("values are those of hdrhistogram 0.10.8") {
  Histogram histogram;
  for (const auto time : {7us, 2'100us, 150'000us, 99'000'000us})
    histogram.add(slot_of(time, Rounding::fine), static_cast<std::uint64_t>(time.count()));
  const compare::Times times = compare::decoded_histogram(reports::hdr_encoded(histogram), 1);
  REQUIRE(times.size() == 4);
  auto each = times.begin();
  for (const double value : {7.0, 2'100.0, 150'000.0, 99'000'000.0}) {
    CHECK(each->first == doctest::Approx(value).epsilon(0.001));
    CHECK((each++)->second == static_cast<std::uint64_t>(value));
  }
}

TEST_CASE("what is no log says so") {
  const auto complaint = [](const std::string& text) -> std::string {
    try {
      compare::hdr_run(text, no_skip);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  CHECK(complaint("hello\n") == "line 1: a line has too few columns for a log of HdrHistogram");
  CHECK(complaint("#c\n0.0,1.0,2.0,HISTFAAA!\n") == "line 2: a histogram is not in base64");
  CHECK(complaint("#c\n0.0,1.0,2.0,HISTFAAJsA==\n") == "line 2: a histogram is cut off");
  CHECK(complaint("0.0,1.0,2.0,AAAA\n") == "line 1: a histogram is cut off");
  CHECK(complaint("a,1.0,2.0,AAAA\n") == "line 1: 'a' is no number");
  CHECK(complaint("#[Counts: requests=x]\n0.0,1.0,2.0," + reports::hdr_encoded({}) + "\n") ==
        "line 2: 'x' is no number");
}

TEST_CASE("what --json prints has rates by the second, and times of the whole run") {
  RunningStatistics statistics{WallTime{1'790'000'000s}};
  statistics.add(second_of(12ms, 10));
  const compare::Run run = compare::json_run(reports::json_report(statistics), no_skip);
  CHECK_FALSE(run.times_by_interval);
  CHECK(run.total.requests == 11);
  CHECK(run.names.size() == 2);
  CHECK(run.names.at("POST /c%2C").requests == 1);
  CHECK(run.total.times.at(12) == 10);
  CHECK(run.total.milliseconds == doctest::Approx(122));
  CHECK_THROWS_AS(compare::json_run("[]", no_skip), std::runtime_error);
  CHECK_THROWS_AS(compare::json_run("[]", 1s), std::runtime_error);
  CHECK_THROWS_AS(compare::json_run("{", no_skip), std::runtime_error);
}

TEST_CASE("a run of many days takes longer intervals in place of all memory") {
  const auto entry = [](const std::string& name) {
    return R"({"method": "GET", "name": ")" + name + R"(", "total_response_time": 3, "num_requests": 3,
      "response_times": {"1": 3}, "num_reqs_per_sec": {"1790000000": 1, "1790000001": 1, "1800000000": 1},
      "num_fail_per_sec": {"1800000000": 1}})";
  };
  const compare::Run run = compare::json_run("[" + entry("/a") + "," + entry("/b") + "]", no_skip);
  CHECK(run.seconds == 10'000'001 - 2);
  CHECK(run.total.intervals.size() == 250'000);
  CHECK(run.total.intervals.front().length == 40);
  CHECK(run.total.intervals.front().requests == 2);  // the first second and the last one are cut off
  CHECK(run.total.intervals.front().failures == 0);
}

TEST_CASE("numbers that are none are refused") {
  const auto with = [](const std::string& time, const std::string& second) {
    return R"([{"method": "GET", "name": "/a", "total_response_time": 3, "num_requests": 3, "response_times": {")" +
           time + R"(": 3}, "num_reqs_per_sec": {")" + second + R"(": 3}, "num_fail_per_sec": {}}])";
  };
  CHECK(compare::json_run(with("1", "1790000000"), no_skip).total.requests == 3);
  for (const char* time : {"nan", "inf", "-1", "1ms", ""})
    CHECK_THROWS_AS(compare::json_run(with(time, "1790000000"), no_skip), std::runtime_error);
  for (const char* second : {"-1", "1x", "", "9223372036854775807"})
    CHECK_THROWS_AS(compare::json_run(with("1", second), no_skip), std::runtime_error);
}
