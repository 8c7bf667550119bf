#pragma once

#include "worker/statistics/rounding.hpp"

#include <chrono>
#include <string>
#include <string_view>

/// Values as Python writes them, so that Katydid's files are read by whatever reads Locust's.
namespace katydid::reports {

/// repr() of a float: the fewest digits that give the same number, "12.0", "1e-05", "1.5e+16".
std::string python_float(double number);
/// A response time, in milliseconds, of an exact one.
std::string milliseconds_text(std::chrono::duration<double, std::nano> time);
/// The same of a key of a histogram. Locust's keys are integers; finer ones have a point where they need it.
std::string key_text(std::chrono::microseconds key);
/// Seconds since 1970, as time.time() has them.
double python_time(std::chrono::sys_time<std::chrono::nanoseconds> time);
/// Locust's format_utc_timestamp(): "2026-11-29T21:14:42Z".
std::string utc_text(std::chrono::sys_time<std::chrono::nanoseconds> time);

/// A row of Python's csv.writer, whose defaults are Excel's: only what needs quotes has them, and lines end in CR LF.
class CsvRow {
 public:
  CsvRow& add(std::string_view field);
  /// With its line end.
  std::string end() { return row_ + "\r\n"; }

 private:
  std::string row_;
  bool first_ = true;
};

}  // namespace katydid::reports
