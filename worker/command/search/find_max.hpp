#pragma once

#include "worker/arrivals/dropped_tasks.hpp"
#include "worker/command/search/rate_search.hpp"
#include "worker/command/threshold.hpp"
#include "worker/statistics/running.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// What `--find-max` asks for.
struct FindMaxOptions {
  std::vector<Threshold> requirements;  ///< all of them have to hold
  std::chrono::nanoseconds step = std::chrono::seconds(10);
};

/// "p95 < 300ms, fail_ratio < 1%". Throws BadValue.
std::vector<Threshold> parse_requirements(std::string_view text);

/// The search for the highest arrival rate at which all requirements hold, while a test runs: each step has a time to
/// settle, in which what the last one left behind ends, and one that is measured.
class FindMax {
 public:
  /// `start`: the rate of all classes together, with which it begins.
  FindMax(FindMaxOptions options, double start);

  /// Of all rates, in the step that is due.
  double factor() const { return search_.rate() / start_; }
  std::chrono::nanoseconds settling() const { return options_.step / 4; }
  std::chrono::nanoseconds measuring() const { return options_.step; }

  /// Now the step is settled.
  void begin_measuring(WallTime now) {
    measured_.emplace(now);
    measured_->lasts_until(now + std::chrono::duration_cast<WallTime::duration>(measuring()));
    dropped_ = {};
  }
  /// All that is counted, at any time.
  void add(const StatisticsDelta& delta) {
    if (!measured_) return;
    measured_->add(delta);
    dropped_.add(delta);
  }
  /// The step is over; the text says what came of it.
  std::string end_step();

  bool done() const { return search_.done(); }
  bool found() const { return search_.held() > 0; }
  /// What is known by now: "812 tasks/s is the highest rate that held…".
  std::string finding() const;

 private:
  std::optional<std::string> broken() const;
  std::optional<std::string> too_many_dropped() const;

  FindMaxOptions options_;
  double start_;
  RateSearch search_;
  std::optional<RunningStatistics> measured_;
  DroppedTasks dropped_;  // in the same time
  std::string reason_;    // why the lowest rate failed that is known to
};

}  // namespace katydid
