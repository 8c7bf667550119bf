#include "worker/arrivals/dropped_tasks.hpp"

#include "worker/arrivals/arrivals.hpp"

#include <utility>

namespace katydid {

void DroppedTasks::add(const StatisticsDelta& delta) {
  for (const auto& entry : delta.entries) {
    if (entry.key->apart && entry.key->method == Arrivals::dropped_method) {
      counts_[entry.key->name] += entry.counts.num_requests;
    }
  }
}

std::uint64_t DroppedTasks::total() const {
  std::uint64_t total = 0;
  for (const auto& [name, count] : counts_) total += count;
  return total;
}

std::optional<std::string> DroppedTasks::take_warning() {
  if (counts_.empty() || std::exchange(warned_, true)) return std::nullopt;
  return "Tasks of user class " + counts_.begin()->first +
         " are dropped, because no user is free when they are due. Give the test more users, or a lower arrival rate. "
         "This is said once; the statistics count them as DROPPED";
}

std::string DroppedTasks::to_text() const {
  if (counts_.empty()) return {};
  std::string names;
  for (const auto& [name, count] : counts_) names += (names.empty() ? "" : ", ") + name + " " + std::to_string(count);
  return std::to_string(total()) + (total() == 1 ? " task was" : " tasks were") +
         " dropped, as no user was free: " + names;
}

}  // namespace katydid
