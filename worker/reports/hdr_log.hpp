#pragma once

#include "worker/reports/report_file.hpp"
#include "worker/statistics/delta.hpp"

#include <string>

namespace katydid::reports {

/// A histogram in the words of HdrHistogram: its V2 encoding, compressed, in base64, "HISTFAAA…". Values are
/// microseconds, with three digits, up to a day; longer ones count as a day.
std::string hdr_encoded(const Histogram& times);

/// `--hdr-log FILE`: a log of HdrHistogram's, version 1.3, with a line for each look at the run.
class HdrLog {
 public:
  /// Makes the file. Throws std::runtime_error.
  explicit HdrLog(const std::string& path);

  void begin(WallTime start);
  void add(const StatisticsDelta& delta);
  void look(WallTime now);
  bool complete() const { return file_.complete(); }

 private:
  ReportFile file_;
  WallTime start_{}, end_{};
  Histogram times_;  // since the look before
};

}  // namespace katydid::reports
