#pragma once

#include "worker/statistics/delta.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace katydid::reports {

/// The response times of about the last ten seconds, for each entry: what --csv-full-history has percentiles of.
class RecentTimes {
 public:
  /// Name and method, as in RunningStatistics.
  using Key = std::pair<std::string, std::string>;
  static constexpr std::chrono::seconds window{10};  ///< CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW

  void add(const StatisticsDelta& delta);
  void reset() { times_.clear(); }

  Histogram of(const Key& key) const;
  /// Of all entries that the total counts.
  Histogram total() const { return of(total_key); }

 private:
  struct Piece {
    WallTime taken;
    Histogram times;
  };
  static inline const Key total_key{"\n", "\n"};  // no entry's: a method has no line end
  std::map<Key, std::deque<Piece>> times_;
};

}  // namespace katydid::reports
