#include "worker/arrivals/latency_correction.hpp"

#include "worker/arrivals/second_view.hpp"

#include <algorithm>

namespace katydid {
namespace {

// More than that a single request can't have kept from being sent: a minute's wait of a user that never pauses.
constexpr std::int64_t most_added = 10'000;

}  // namespace

void LatencyCorrection::task_begins() {
  const auto now = now_();
  if (tasks_ > 0) {
    between_tasks_[(tasks_ - 1) % kept] = now - last_task_;
    if (tasks_ >= enough && requests_ > 0) {
      auto sorted = between_tasks_;
      const std::size_t known = std::min<std::size_t>(tasks_, kept), middle = known / 2;
      std::nth_element(sorted.begin(), sorted.begin() + middle, sorted.begin() + known);
      interval_ = sorted[middle] * static_cast<std::int64_t>(tasks_) / static_cast<std::int64_t>(requests_);
    }
  }
  ++tasks_;
  last_task_ = now;
}

void LatencyCorrection::record(const Sample& sample) {
  if (is_timed_request(sample)) correct(sample);
  next_.record(sample);  // a listener may throw
}

void LatencyCorrection::correct(const Sample& sample) {
  if (tasks_ > 0) ++requests_;
  Sample seen = second_view(sample, " [corrected]", name_);
  corrected_.record(seen);
  const auto now = now_();
  // Of requests at the same time, each keeps the user from others only where the one that ended before it does not.
  const auto held = std::min<std::chrono::nanoseconds>(sample.response_time, now - last_end_);
  last_end_ = now;
  if (interval_ <= interval_.zero() || held < 2 * interval_) return;
  const auto step = std::max(interval_, held / most_added);
  seen.response_length = 0;
  for (auto left = held - step; left >= step; left -= step) {
    seen.response_time = left;
    corrected_.record(seen);
  }
}

}  // namespace katydid
