#pragma once

#include "worker/statistics/histogram.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// What was counted between two reports, as it travels from the shards to the control thread and into a report.
namespace katydid {

using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// What requests are counted under. Shared by all threads and never changed.
struct RequestKey {
  std::string method;
  std::string name;
  bool apart = false;  ///< in no total: see Sample::apart
};

/// One line of the error report.
struct ErrorKey {
  std::shared_ptr<const RequestKey> request;
  std::string text;
};

/// What happened in one second of wall-clock time.
struct SecondCounts {
  std::chrono::sys_seconds second;
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
};

/// The numbers of a Locust StatsEntry, exact to the nanosecond. A failure is a request as well.
struct EntryCounts {
  using TotalTime = std::chrono::duration<std::uint64_t, std::nano>;

  std::uint64_t num_requests = 0;
  std::uint64_t num_none_requests = 0;  ///< without a response time
  std::uint64_t num_failures = 0;
  std::uint64_t total_content_length = 0;
  TotalTime total_response_time{};
  std::chrono::nanoseconds min_response_time = std::chrono::nanoseconds::max();  ///< max(): nothing was timed
  std::chrono::nanoseconds max_response_time{};
  WallTime start_time{};    ///< of the first request
  WallTime last_request{};  ///< both 0 without a request
  Histogram response_times;
  std::vector<SecondCounts> seconds;  ///< ascending

  bool timed() const { return num_requests > num_none_requests; }
  void merge(const EntryCounts& other);
  /// The counts of that second, made when there are none yet.
  SecondCounts& at(std::chrono::sys_seconds second) {
    if (!seconds.empty() && seconds.back().second == second) [[likely]]
      return seconds.back();
    return insert(second);
  }

 private:
  SecondCounts& insert(std::chrono::sys_seconds second);
};

struct ErrorCounts {
  std::uint64_t occurrences = 0;
  WallTime first_seen{};
  WallTime last_seen{};

  void merge(const ErrorCounts& other);
};

/// Everything that was counted since the last report; owns or shares all that it points to.
struct StatisticsDelta {
  struct Entry {
    std::shared_ptr<const RequestKey> key;
    EntryCounts counts;
  };
  struct Error {
    std::shared_ptr<const ErrorKey> key;
    ErrorCounts counts;
  };
  struct CutOff {
    std::shared_ptr<const RequestKey> key;
    std::uint64_t requests = 0;
  };

  std::vector<Entry> entries;  ///< each key once, none without a request
  std::vector<Error> errors;   ///< each key once, in the order of their first occurrence
  std::vector<CutOff> cut_off;
  WallTime taken{};

  bool empty() const { return entries.empty() && errors.empty() && cut_off.empty(); }
  /// The sum of all entries that do not stand apart: Locust's "Aggregated". It is not counted a second time with each
  /// request.
  EntryCounts total() const;
};

}  // namespace katydid
