#include "worker/reports/live_view.hpp"

#include "base/utf8.hpp"
#include "tests/worker/statistics/support.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;
using katydid::reports::LiveView;
using katydid::test::ManualTime;

namespace {

struct Run {
  ManualTime time;
  Statistics statistics{time.options()};
  RunningStatistics total{time.wall};
  LiveView view;

  explicit Run(LiveView::Letters letters = LiveView::Letters::unicode)
      : view({.host = "http://shop.example", .run_time = 300s}, letters) {
    view.begin(time.wall);
  }
  void second(int requests, const std::string& name = "/", std::chrono::nanoseconds response_time = 20ms) {
    for (int i = 0; i < requests; ++i)
      statistics.record({.method = "GET", .name = name, .response_time = response_time});
    time.advance(1s);
    const StatisticsDelta delta = statistics.take();
    total.add(delta);
    view.add(delta);
    view.look(total, time.wall, 7);
  }
};

std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

TEST_CASE("lines fit every terminal, whatever names hold") {
  Run run;
  for (int i = 0; i < 30; ++i)
    run.second(3, "\x1b[2J\x07 caf\xc3\xa9 \xff \xc2\x9b" + std::string(300, 'x') + std::to_string(i));
  for (std::size_t columns : {20, 40, 60, 80, 200}) {
    for (std::size_t rows : {10, 14, 24, 100}) {
      CAPTURE(columns);
      CAPTURE(rows);
      const auto lines = run.view.lines(run.total, {.columns = columns, .rows = rows});
      CHECK(lines.size() <= rows / 2);
      for (const std::string& line : lines) {
        CHECK(characters_of(line) == columns);
        CHECK(valid_utf8_prefix(line) == line.size());
        CHECK(std::ranges::none_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }));
        CHECK(line.find("\xc2\x9b") == std::string::npos);
      }
    }
  }
}

TEST_CASE("it says what was asked and what came") {
  Run run;
  for (int i = 0; i < 20; ++i) run.second(i < 10 ? 10 : 40);
  const auto lines = run.view.lines(run.total, {.columns = 90, .rows = 30});
  CHECK(lines[0].starts_with("0:20 of 5:00  7 users  31 req/s  0.00% failed  http://shop.example"));
  CHECK(lines[1].starts_with("req/s ▃▃▃▃▃▃▃▃▃▃██████████ max 40"));
  CHECK(lines[2].starts_with("95%   ████████████████████ max 20 ms"));
  CHECK(lines[4].starts_with("GET / "));
  CHECK(lines[4].ends_with("      500    0.0%       31    20 ms    20 ms    20 ms"));
  CHECK(lines[5].starts_with("Aggregated "));
}

TEST_CASE("a terminal without UTF-8 gets ASCII") {
  Run run(LiveView::Letters::ascii);
  run.second(10);
  run.second(40);
  for (const std::string& line : run.view.lines(run.total, {.columns = 90, .rows = 30}))
    CHECK(std::ranges::all_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
}

TEST_CASE("--reset-stats makes no rate negative") {
  Run run;
  run.second(100);
  run.total.reset(run.time.wall);
  run.second(10);
  CHECK(run.view.lines(run.total, {.columns = 90, .rows = 30})[1].starts_with("req/s █▂ max 100"));
}
