#pragma once

#include "worker/statistics/rounding.hpp"
#include "worker/statistics/running.hpp"

#include <cstddef>
#include <string>

/// What Locust prints on the console of a run without a master (locust/stats.py of 2.47): the same columns, widths and
/// words. Lines end in '\n'.
namespace katydid {

struct ConsoleFormat {
  /// Of the column of names, which is what gives way on a narrow terminal; names themselves are never cut.
  std::size_t name_width = 80;
  /// Rounding::fine shows times below 10 ms with two significant digits (0.37, 4.2), Rounding::locust whole
  /// milliseconds everywhere, as Locust does.
  Rounding rounding = Rounding::fine;
};

/// What the columns req/s and failures/s are about.
enum class RatesOver { last_ten_seconds, whole_run };

/// The table that Locust prints every two seconds (current rates) and at the end (of the whole run), and an empty line.
std::string stats_table(const RunningStatistics& statistics, RatesOver period, const ConsoleFormat& format);
/// Response time percentiles, and an empty line.
std::string percentile_table(const RunningStatistics& statistics, const ConsoleFormat& format);
/// Empty when there were no errors; otherwise ends with an empty line as well.
std::string error_report(const RunningStatistics& statistics, const ConsoleFormat& format);
/// The three of them, as Locust ends a run.
std::string final_summary(const RunningStatistics& statistics, const ConsoleFormat& format);

/// Locust's width of the names on a terminal of so many columns: what the other columns leave, at most 80.
std::size_t name_width_for(std::size_t terminal_columns);
/// The same for the terminal behind the descriptor; 80 when there is none.
std::size_t terminal_name_width(int descriptor);

}  // namespace katydid
