#include "worker/reports/timeline.hpp"

#include <algorithm>
#include <utility>

namespace katydid::reports {
namespace {

/// The rate of less would say nothing: it is a part of the slot before.
constexpr std::chrono::milliseconds shortest_slot{500};

/// Adds what follows on it.
void extend(Timeline::Slot& slot, const Timeline::Slot& next) {
  slot.length = next.begin + next.length - slot.begin;
  slot.requests += next.requests;
  slot.failures += next.failures;
  slot.dropped += next.dropped;
  slot.users = std::max(slot.users, next.users);
  slot.lag = {std::max(slot.lag.p99, next.lag.p99), std::max(slot.lag.max, next.lag.max)};
  slot.times.merge(next.times);
}

}  // namespace

void Timeline::add(const StatisticsDelta& delta) {
  for (const StatisticsDelta::Entry& entry : delta.entries) {
    if (entry.key->apart) continue;
    open_.requests += entry.counts.num_requests;
    open_.failures += entry.counts.num_failures;
    open_.times.merge(entry.counts.response_times);
  }
}

void Timeline::look(WallTime now, std::int64_t users, Lag lag) {
  now = std::max(now, end_);  // a wall clock may be set back
  open_.begin = end_ - start_;
  open_.length = now - end_;
  open_.users = users;
  open_.lag = lag;
  end_ = now;
  Slot slot = std::exchange(open_, {});
  const bool fragment = slot.length < shortest_slot;
  if (!slots_.empty() && (looks_ < per_slot_ || fragment)) {
    extend(slots_.back(), slot);
    if (!fragment) ++looks_;
    return;
  }
  if (slots_.size() == max_slots) halve();
  slots_.push_back(std::move(slot));
  looks_ = 1;
}

void Timeline::halve() {
  for (std::size_t i = 0; i + 1 < slots_.size(); i += 2) {
    extend(slots_[i], slots_[i + 1]);
    if (i > 0) slots_[i / 2] = std::move(slots_[i]);
  }
  slots_.resize(slots_.size() / 2);
  per_slot_ *= 2;
}

}  // namespace katydid::reports
