#include "worker/statistics/histogram.hpp"

#include <algorithm>

namespace katydid {

void Histogram::merge(const Histogram& other) {
  for (std::size_t page = 0; page < pages_.size(); ++page) {
    if (!other.pages_[page]) continue;
    for (std::size_t i = 0; i < page_slots; ++i) {
      if (const std::uint64_t count = (*other.pages_[page])[i]) add(page * page_slots + i, count);
    }
  }
  for (const auto& [slot, count] : other.sparse_) add(slot, count);
}

std::uint64_t Histogram::total() const {
  std::uint64_t total = 0;
  for_each([&](std::chrono::microseconds, std::uint64_t count) { add_saturated(total, count); });
  return total;
}

std::chrono::microseconds Histogram::percentile(double fraction) const {
  const std::uint64_t requests = total();
  // The largest key that has no more than this many requests below it.
  const double exact = static_cast<double>(requests) * fraction;
  const auto below = exact < 0x1p64 ? static_cast<std::uint64_t>(exact) : requests;
  std::uint64_t reached = 0;
  std::chrono::microseconds result{};
  for_each([&](std::chrono::microseconds key, std::uint64_t count) {
    if (reached <= below) result = key;
    add_saturated(reached, count);
  });
  return result;
}

std::uint64_t& Histogram::at_sparse(std::size_t slot) {
  auto place = std::lower_bound(sparse_.begin(), sparse_.end(), slot,
                                [](const auto& entry, std::size_t key) { return entry.first < key; });
  const bool known = place != sparse_.end() && place->first == slot;
  if (!known && sparse_.size() < max_sparse) return sparse_.insert(place, {slot, 0})->second;
  if (place == sparse_.end()) {
    --place;
    place->first = slot;
  }
  return place->second;
}

}  // namespace katydid
