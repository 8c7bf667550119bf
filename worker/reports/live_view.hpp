#pragma once

#include "worker/reports/html_report.hpp"
#include "worker/reports/recent_times.hpp"
#include "worker/statistics/running.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace katydid::reports {

/// What a terminal shows of a run while it goes: a line of figures, small charts, and the entries with most requests.
/// Rates and percentiles are those of the last ten seconds.
class LiveView {
 public:
  struct Size {
    std::size_t columns = 80, rows = 24;  ///< of the terminal
  };
  enum class Letters { ascii, unicode };

  LiveView(RunFacts facts, Letters letters) : facts_(std::move(facts)), letters_(letters) {}

  void begin(WallTime start);
  void add(const StatisticsDelta& delta) { recent_.add(delta); }
  void look(const RunningStatistics& statistics, WallTime now, std::int64_t users);
  /// At most half of the terminal's rows, none wider than the terminal and none with a control character.
  std::vector<std::string> lines(const RunningStatistics& statistics, Size size) const;

 private:
  struct Point {
    double rate = 0, p95 = 0;
  };
  static constexpr std::size_t max_points = 400;

  std::string head(const RunningStatistics& statistics) const;
  std::string chart(std::string_view title, double Point::*member, std::string_view most, std::size_t columns) const;
  std::string row(const std::string& title, const EntryCounts& counts, const Histogram& recent,
                  const RunningStatistics& statistics, std::size_t columns) const;

  RunFacts facts_;
  Letters letters_;
  RecentTimes recent_;
  std::deque<Point> points_;
  WallTime start_{}, now_{};
  std::uint64_t seen_ = 0;  // requests of the whole run
  std::int64_t users_ = 0;
};

}  // namespace katydid::reports
