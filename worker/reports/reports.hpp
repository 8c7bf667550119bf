#pragma once

#include "worker/reports/csv_report.hpp"
#include "worker/reports/hdr_log.hpp"
#include "worker/reports/html_report.hpp"
#include "worker/reports/report_file.hpp"
#include "worker/reports/timeline.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace katydid {

/// The report files that a run without a master was asked for, in Locust's words.
struct ReportOptions {
  std::string csv_prefix{};  ///< empty: none; so are the others
  bool csv_full_history = false;
  std::string html_file{};
  std::string hdr_file{};
  bool hdr_names = false;
  bool json = false;        ///< to stdout, at the end
  std::string json_file{};  ///< without its ".json"

  /// Whether a run has to be looked at every second.
  bool watch() const { return !csv_prefix.empty() || !html_file.empty() || !hdr_file.empty(); }
  /// Whether every second of every entry is needed in the end.
  bool every_second() const { return json || !json_file.empty(); }
};

/// Writes them. Belongs to the thread that holds the run's statistics.
class Reports {
 public:
  /// Makes the files, so that what can't be written is known before the test begins. Throws std::runtime_error.
  Reports(const ReportOptions& options, reports::RunFacts facts);

  void begin(WallTime start);
  void reset(WallTime now);
  void add(const StatisticsDelta& delta);
  void add_dropped(std::uint64_t tasks) { timeline_.add_dropped(tasks); }
  void add_exception(const std::string& message, const std::string& traceback, std::uint64_t count);
  void warn(WallTime now, std::string text);

  struct Moment {
    WallTime now;
    std::int64_t users = 0;
    reports::Timeline::Lag lag;
  };
  /// The run as it stands, after what was counted since the last look has been added.
  void look(const RunningStatistics& statistics, const Moment& moment);
  /// The same for the last time, and what is written at the end.
  void finish(const RunningStatistics& statistics, const Moment& moment, const std::vector<reports::Verdict>& verdicts);
  /// False when some file lacks something; the log has said why.
  bool complete() const;

 private:
  static constexpr std::size_t max_exceptions = 1'000, max_warnings = 200;

  reports::RunFacts facts_;
  std::optional<reports::CsvReport> csv_;
  std::optional<reports::HdrLog> hdr_;
  std::optional<reports::ReportFile> html_, json_;
  WallTime start_{};
  reports::Timeline timeline_{WallTime{}};
  std::vector<reports::ReportedException> exceptions_;
  std::vector<reports::Warning> warnings_;
};

}  // namespace katydid
