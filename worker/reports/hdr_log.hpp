#pragma once

#include "worker/reports/report_file.hpp"
#include "worker/statistics/delta.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace katydid::reports {

/// A histogram in the words of HdrHistogram: its V2 encoding, compressed, in base64, "HISTFAAA…". Values are
/// microseconds, with three digits, up to a day; longer ones count as a day.
std::string hdr_encoded(const Histogram& times);
/// A name as the tag of a line, which has no blanks and no commas: those are %20 and %2C.
std::string hdr_tag(std::string_view name);

/// `--hdr-log FILE`: a log of HdrHistogram's, version 1.3, with a line for each look at the run. Before each line
/// stands a comment with what a histogram can't tell: `katydid compare` reads it.
class HdrLog {
 public:
  enum class Names { together, told_apart };  ///< `told_apart`: each look has a tagged line for each name besides

  /// Makes the file. Throws std::runtime_error.
  HdrLog(const std::string& path, Names names);

  void begin(WallTime start);
  void add(const StatisticsDelta& delta);
  void look(WallTime now);
  bool complete() const { return file_.complete(); }

 private:
  void write(std::string_view tag, const EntryCounts& counts, WallTime begin);

  ReportFile file_;
  WallTime start_{}, end_{};
  // Since the look before. @{
  EntryCounts counts_;
  std::map<std::pair<std::string, std::string>, EntryCounts> by_name_;  // method and name
  // @}
  Names names_;
};

}  // namespace katydid::reports
