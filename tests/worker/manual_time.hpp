#pragma once

#include "worker/statistics.hpp"

#include <chrono>

namespace katydid::test {

/// A steady and a wall clock that stand still until the test moves them.
struct ManualTime {
  std::chrono::steady_clock::time_point steady{std::chrono::hours(5)};
  std::chrono::system_clock::time_point wall{std::chrono::seconds(1'790'000'000)};

  void advance(std::chrono::nanoseconds time) {
    steady += time;
    wall += time;
  }
  /// Options that read these clocks; the object must outlive their user.
  StatisticsOptions options(Rounding rounding = Rounding::fine) {
    return {.rounding = rounding, .steady_clock = [this] { return steady; }, .wall_clock = [this] { return wall; }};
  }
};

}  // namespace katydid::test
