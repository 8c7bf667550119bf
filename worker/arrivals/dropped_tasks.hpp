#pragma once

#include "worker/statistics/delta.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace katydid {

/// Tasks that were due while no user was free, over a test, by user class. Feed it each delta that comes from a shard,
/// once.
class DroppedTasks {
 public:
  void add(const StatisticsDelta& delta);
  std::uint64_t total() const;
  /// A line for the log as soon as there are some, once in a test.
  std::optional<std::string> take_warning();
  /// "5 tasks were dropped: Buyer 3, Visitor 2"; empty when there were none.
  std::string to_text() const;

 private:
  std::map<std::string, std::uint64_t> counts_;
  bool warned_ = false;
};

}  // namespace katydid
