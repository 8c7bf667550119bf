#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::compare {

/// How often each response time occurred, in milliseconds.
using Times = std::map<double, std::uint64_t>;

/// What happened in a part of a run, usually a second.
struct Interval {
  double begin = 0, length = 0;  ///< seconds
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
  std::uint64_t timed = 0;  ///< those with a response time
  double milliseconds = 0;  ///< the sum of their times
  Times times{};
};

/// All that is known of the requests of one name, or of all.
struct Series {
  std::vector<Interval> intervals;
  Times times;  ///< of the whole run
  double milliseconds = 0;
  std::uint64_t requests = 0;
};

/// A file of results.
struct Run {
  std::string file;
  Series total;
  std::map<std::string, Series> names;
  bool failures_known = true;
  bool times_by_interval = true;  ///< false: only of the whole run, as in --json
  double seconds = 0;             ///< that were looked at
};

/// Reads a log of HdrHistogram or what `--json` printed; leaves out so much of the beginning. Throws
/// std::runtime_error that names the file.
Run read_run(const std::string& file, std::chrono::duration<double> skip);
/// The same of a text that was read already. @{
Run hdr_run(std::string_view text, std::chrono::duration<double> skip);
Run json_run(std::string_view text, std::chrono::duration<double> skip);
/// @}

/// The counts of a histogram in HdrHistogram's V2 encoding, compressed, in base64; one unit of it is so many
/// milliseconds. Throws std::runtime_error.
Times decoded_histogram(std::string_view text, double unit);

}  // namespace katydid::compare
