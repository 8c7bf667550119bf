#pragma once

#include "worker/reports/recent_times.hpp"
#include "worker/reports/report_file.hpp"
#include "worker/reports/run_view.hpp"

#include <string>

namespace katydid::reports {

/// `--csv PREFIX`: the four files of Locust's StatsCSVFileWriter, with its columns.
class CsvReport {
 public:
  enum class History { aggregated, full };  ///< `full`: --csv-full-history

  /// Makes the files. Throws std::runtime_error.
  CsvReport(const std::string& prefix, History history);

  void add(const StatisticsDelta& delta);
  void reset() { recent_.reset(); }
  /// Writes each file anew, and adds to the history.
  void write(const RunView& run);
  bool complete() const;

 private:
  std::string stats_rows(const RunningStatistics& statistics) const;
  std::string history_rows(const RunView& run) const;

  History history_kind_;
  RecentTimes recent_;
  ReportFile stats_, history_, failures_, exceptions_;
};

}  // namespace katydid::reports
