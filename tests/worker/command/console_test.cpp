#include "worker/command/console.hpp"

#include "tests/worker/statistics/golden_samples.hpp"
#include "tests/worker/statistics/support.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <sstream>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::test::ManualTime;

namespace {

/// A run on a manual clock whose deltas are taken at other moments than the tables are made.
struct Run {
  ManualTime time{.wall = std::chrono::time_point_cast<std::chrono::system_clock::duration>(test::golden_start)};
  Statistics statistics;
  RunningStatistics running{test::golden_start};

  explicit Run(Rounding rounding) : statistics(time.options(rounding)) {}

  void record(std::chrono::nanoseconds at, const Sample& sample) {
    time.advance(test::golden_start + at - time.wall);
    statistics.record(sample);
  }
  void collect() { running.add(statistics.take()); }
};

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

void check_same_lines(const std::string& ours, const std::string& locust) {
  const auto our_lines = lines_of(ours), locust_lines = lines_of(locust);
  for (std::size_t i = 0; i < std::min(our_lines.size(), locust_lines.size()); ++i)
    CHECK(our_lines[i] == locust_lines[i]);
  CHECK(our_lines.size() == locust_lines.size());
}

}  // namespace

TEST_CASE("with --locust-rounding the tables are Locust's own, to the letter") {
  std::string text;
  const auto print = [&](const std::string& title, const std::string& options, bool ends_in_empty_line,
                         const std::function<std::string(const ConsoleFormat&)>& table) {
    for (std::size_t width : {80, 37, 0}) {
      text += "== " + title + " " + std::to_string(width) + " " + options + "\n";
      text += table({.name_width = width, .rounding = Rounding::locust});
      if (!ends_in_empty_line) continue;
      CHECK(text.ends_with("\n\n"));
      text.pop_back();  // what Locust's print_ functions add to the lines
    }
  };
  Run run(Rounding::locust);
  const auto table = [&](RatesOver period) {
    return [&run, period](const ConsoleFormat& format) { return stats_table(run.running, period, format); };
  };
  const auto percentiles = [&](const ConsoleFormat& format) { return percentile_table(run.running, format); };

  print("get_stats_summary", "{'current': True}", true, table(RatesOver::last_ten_seconds));
  print("get_percentile_stats_summary", "{}", true, percentiles);
  bool printed = false;
  int count = 0;
  for (const auto& sample : test::golden_samples()) {
    if (!printed && sample.at >= test::golden_middle) {
      run.collect();
      print("get_stats_summary", "{'current': True}", true, table(RatesOver::last_ten_seconds));
      printed = true;
    }
    run.record(sample.at, sample.sample());
    if (++count % 64 == 0) run.collect();
  }
  run.collect();
  print("get_stats_summary", "{'current': False}", true, table(RatesOver::whole_run));
  print("get_percentile_stats_summary", "{}", true, percentiles);
  print("get_error_report_summary", "{}", false,
        [&](const ConsoleFormat& format) { return error_report(run.running, format); });
  check_same_lines(text, test::golden_text("statistics_console.txt"));
}

TEST_CASE("times below 10 ms show two significant digits") {
  Run run(Rounding::fine);
  for (const auto time : {372us, 4249us, 12'800us, 7us}) {
    run.record(1s, {.method = "GET", .name = "/", .response_time = time});
  }
  run.collect();
  const auto stats = lines_of(stats_table(run.running, RatesOver::whole_run, {.name_width = 20}));
  CHECK(stats.at(2) ==
        "GET      /                      4     0(0.00%) |    4.4   0.007      12    4.2 |    4.00        0.00");
  const auto percentiles = lines_of(percentile_table(run.running, {.name_width = 20}));
  CHECK(percentiles.at(3) ==
        "GET      /                         4.2    4.2     13     13     13     13     13     13     13     13     13  "
        "    4");
}

TEST_CASE("the median of few requests does not lie outside of them") {
  for (const auto& [time, row] :
       {std::pair(147ms, "147     147     147    147"), {143ms, "143     143     143    143"}}) {
    Run run(Rounding::locust);
    run.record(1s, {.method = "GET", .name = "/", .response_time = time});
    run.collect();
    CHECK(stats_table(run.running, RatesOver::whole_run, {}).find(row) != std::string::npos);
  }
}

TEST_CASE("no errors, no error report") {
  Run run(Rounding::fine);
  run.record(1s, {.method = "GET", .name = "/"});
  run.collect();
  CHECK(error_report(run.running, {}).empty());
  CHECK(final_summary(run.running, {}) ==
        stats_table(run.running, RatesOver::whole_run, {}) + percentile_table(run.running, {}));
}

TEST_CASE("--reset-stats starts again from 0 but keeps the names") {
  Run run(Rounding::fine);
  run.record(1s, {.method = "GET", .name = "/", .response_time = 5ms, .error = "x"});
  run.collect();
  run.running.reset(test::golden_start + 10s);
  CHECK(run.running.errors().empty());
  CHECK(lines_of(stats_table(run.running, RatesOver::whole_run, {.name_width = 20})).at(2) ==
        "GET      /                      0     0(0.00%) |      0       0       0      0 |    0.00        0.00");
  run.record(12s, {.method = "GET", .name = "/", .response_time = 5ms, .error = "x"});
  run.collect();
  CHECK(run.running.total().num_requests == 1);
  CHECK(run.running.total_rates(run.running.total()).requests == doctest::Approx(0.5));
  CHECK(run.running.errors().size() == 1);
}

TEST_CASE("a long run keeps no second for ever") {
  Run run(Rounding::fine);
  for (int i = 0; i < 1000; ++i) {
    run.record(1s * i, {.method = "GET", .name = i ? "/" : "/once"});
    run.collect();
  }
  CHECK(run.running.total().seconds.size() <= 61);
  CHECK(run.running.entries().at({"/once", "GET"}).seconds.empty());
  CHECK(run.running.current_rates(run.running.total()).requests == 1.0);
  CHECK(run.running.total().num_requests == 1000);
}

TEST_CASE("the column of names takes what a terminal leaves") {
  CHECK(name_width_for(60) == 0);
  CHECK(name_width_for(100) == 20);
  CHECK(name_width_for(300) == 80);
  CHECK(terminal_name_width(-1) == 80);
}

TEST_CASE("requests that were cut off are listed, the largest first") {
  CutOffCounts counts;
  CHECK(counts.to_text().empty());
  Statistics statistics;
  for (int i = 0; i < 3; ++i) statistics.cut_off("GET", "/hello");
  statistics.cut_off("", "plain");
  counts.add(statistics.take());
  statistics.cut_off("POST", "/cart");
  statistics.cut_off("POST", "/cart");
  counts.add(statistics.take());
  CHECK(counts.total() == 6);
  CHECK(counts.to_text() == "6 requests were cut off at stop: GET /hello 3, POST /cart 2, plain 1");
  CHECK(counts.to_text(1) == "6 requests were cut off at stop: GET /hello 3 and 2 more names");
  CutOffCounts one;
  statistics.cut_off("GET", "/");
  one.add(statistics.take());
  CHECK(one.to_text() == "1 request was cut off at stop: GET / 1");
}
