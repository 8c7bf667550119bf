#pragma once

#include "base/saturated.hpp"
#include "worker/statistics/rounding.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace katydid {

/// How often each rounded response time occurred: Locust's `response_times`.
///
/// Keys below 100 s sit in an array whose pages are made when they are first needed: an entry whose times spread over
/// one power of ten takes 1 KB, the whole array 5 KB. Keys from 100 s up are rare and kept apart, at most `max_sparse`
/// of them; further ones count as the next larger key, so that no percentile looks better than it was.
class Histogram {
 public:
  static constexpr std::size_t max_sparse = 256;

  void add(std::size_t slot, std::uint64_t count = 1) { add_saturated(at(slot), count); }
  /// The count of that slot, or of the key that it counts as; valid until the next call.
  std::uint64_t& at(std::size_t slot) {
    if (slot >= dense_slots) [[unlikely]]
      return at_sparse(slot);
    auto& page = pages_[slot / page_slots];
    if (!page) [[unlikely]]
      page = std::make_unique<Page>();
    return (*page)[slot % page_slots];
  }
  void merge(const Histogram& other);
  /// Gives the memory back as well.
  void clear() { *this = {}; }

  bool empty() const { return total() == 0; }
  std::uint64_t total() const;

  /// Locust's calculate_response_time_percentile(): the key within which that part (0 to 1) of the requests finished;
  /// 0 when nothing was counted.
  std::chrono::microseconds percentile(double fraction) const;

  /// Calls `visit(key in microseconds, count)` for each key that occurred, in ascending order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t page = 0; page < pages_.size(); ++page) {
      if (!pages_[page]) continue;
      for (std::size_t i = 0; i < page_slots; ++i) {
        if (const std::uint64_t count = (*pages_[page])[i]) visit(slot_key(page * page_slots + i), count);
      }
    }
    for (const auto& [slot, count] : sparse_) visit(slot_key(slot), count);
  }

 private:
  static constexpr std::size_t page_slots = 32;
  using Page = std::array<std::uint64_t, page_slots>;
  static_assert(dense_slots % page_slots == 0);

  std::uint64_t& at_sparse(std::size_t slot);

  std::array<std::unique_ptr<Page>, dense_slots / page_slots> pages_{};
  std::vector<std::pair<std::size_t, std::uint64_t>> sparse_;  // ascending
};

}  // namespace katydid
