#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// The newest log lines, for the master's Logs tab: Locust's LogReader and the worker's logs_reporter. Thread-safe.
class LogRecorder {
 public:
  static constexpr std::size_t max_lines = 500;
  /// A longer line is kept cut off: a report carries all lines each time.
  static constexpr std::size_t max_line_bytes = 4096;
  /// More new lines than this in one interval, and the worker sends no more, so that a chatty locustfile does not flood
  /// the master.
  static constexpr std::size_t max_new_lines = 70;

  void add(std::string_view line);

  /// What to send at the end of a reporting interval (Locust's is 10 s): all lines that are kept when there are new
  /// ones, or nothing. Called by one thread only; it may log a line itself.
  std::optional<std::vector<std::string>> next_report();

 private:
  mutable std::mutex mutex_;
  std::deque<std::string> lines_;
  std::uint64_t added_ = 0;

  std::uint64_t reported_ = 0;  // the reporting thread's own, like disabled_
  bool disabled_ = false;
};

}  // namespace katydid
