#include "net/idle_polling.hpp"

#include <atomic>
#include <cstdint>

namespace katydid {
namespace {

// So that loops do not take a cache line from each other with each turn.
constexpr std::chrono::milliseconds published_at_once{1};

std::atomic<std::int64_t> of_all_loops{0};

}  // namespace

void IdlePolling::add(std::chrono::nanoseconds time) {
  taken_next_ += time;
  published_next_ += time;
  if (published_next_ < published_at_once) return;
  of_all_loops.fetch_add(std::exchange(published_next_, {}).count(), std::memory_order_relaxed);
}

std::chrono::nanoseconds IdlePolling::of_process() {
  return std::chrono::nanoseconds(of_all_loops.load(std::memory_order_relaxed));
}

}  // namespace katydid
