#pragma once

#include "worker/statistics/delta.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace katydid {

/// The statistics of a whole run without a master, as the master would keep them: the sum of all deltas.
/// As bounded as the deltas are (see StatisticsOptions): merge those of several shards in one Statistics first.
class RunningStatistics {
 public:
  struct Error {
    std::shared_ptr<const ErrorKey> key;
    ErrorCounts counts;
  };
  /// Name and method: the order in which Locust sorts its tables.
  using Entries = std::map<std::pair<std::string, std::string>, EntryCounts>;

  /// What is kept of each second: what rates need, or all of the run.
  enum class Seconds { last_minute, all };

  explicit RunningStatistics(WallTime start, Seconds kept = Seconds::last_minute) : start_(start), kept_(kept) {}

  void add(const StatisticsDelta& delta);
  /// --reset-stats: every number starts again from 0, names stay in the table.
  void reset(WallTime start);

  const Entries& entries() const { return entries_; }
  const EntryCounts& total() const { return total_; }
  /// In the order in which they first came.
  const std::vector<Error>& errors() const { return errors_; }

  struct Rates {
    double requests = 0;
    double failures = 0;
  };
  /// Per second, over ten seconds that ended two seconds before the last request of all: Locust's current_rps.
  Rates current_rates(const EntryCounts& counts) const;
  /// Per second, from the start to the last request of all: Locust's total_rps.
  Rates total_rates(const EntryCounts& counts) const;
  /// Requests per second, from the start to that time, or to the last request after it: a server that answers no more
  /// makes it smaller.
  double rate_until_now(const EntryCounts& counts) const;
  void lasts_until(WallTime now) { now_ = now; }

 private:
  WallTime start_, now_{};
  Seconds kept_;
  Entries entries_;
  EntryCounts total_;
  std::vector<Error> errors_;
  std::map<std::tuple<std::string_view, std::string_view, std::string_view>, std::size_t> error_index_;
};

/// Requests that were cut off, over a whole run, by what they would have been counted under. Feed it each delta that
/// comes from a shard, once; deltas that are merged back after a report failed have been counted already.
class CutOffCounts {
 public:
  void add(const StatisticsDelta& delta);
  std::uint64_t total() const { return total_; }
  /// "5 requests were cut off at stop: GET /hello 3, POST /cart 2", the largest first; empty when there were none.
  std::string to_text(std::size_t max_names = 10) const;

 private:
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace katydid
