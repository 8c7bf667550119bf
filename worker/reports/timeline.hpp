#pragma once

#include "worker/statistics/delta.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace katydid::reports {

/// What the charts of a run are drawn from: one slot for each look at the run. When there are too many, each two become
/// one, so that a run of days needs no more memory than one of minutes.
class Timeline {
 public:
  static constexpr std::size_t max_slots = 480;

  struct Lag {
    std::chrono::nanoseconds p99{}, max{};
  };
  struct Slot {
    std::chrono::duration<double> begin{}, length{};  ///< `begin` counts from the start of the run
    std::uint64_t requests = 0, failures = 0, dropped = 0;
    std::int64_t users = 0;  ///< the most that a look saw
    Lag lag;                 ///< the largest of each
    Histogram times;
  };

  explicit Timeline(WallTime start) : start_(start), end_(start) {}

  /// Counts for the slot that the next look ends.
  void add(const StatisticsDelta& delta);
  void add_dropped(std::uint64_t tasks) { open_.dropped += tasks; }
  void look(WallTime now, std::int64_t users, Lag lag);

  const std::vector<Slot>& slots() const { return slots_; }

 private:
  void halve();

  WallTime start_, end_;
  Slot open_;
  std::vector<Slot> slots_;
  std::size_t looks_ = 0;  // that the last slot has
  std::size_t per_slot_ = 1;
};

}  // namespace katydid::reports
