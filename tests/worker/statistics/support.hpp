#pragma once

#include "worker/statistics/statistics.hpp"

#include <chrono>
#include <cstdint>
#include <map>

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

/// The keys of a histogram in microseconds, and how often each occurred.
inline std::map<std::int64_t, std::uint64_t> keys_of(const Histogram& histogram) {
  std::map<std::int64_t, std::uint64_t> keys;
  histogram.for_each([&](std::chrono::microseconds key, std::uint64_t count) { keys[key.count()] += count; });
  return keys;
}

}  // namespace katydid::test
