#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace katydid {

/// Adds, and stays at the largest number where the sum is beyond it: a counter never goes back. @{
constexpr void add_saturated(std::uint64_t& sum, std::uint64_t more) {
  if (__builtin_add_overflow(sum, more, &sum)) sum = std::numeric_limits<std::uint64_t>::max();
}
template <class Period>
constexpr void add_saturated(std::chrono::duration<std::uint64_t, Period>& sum,
                             std::chrono::duration<std::uint64_t, Period> more) {
  std::uint64_t count = sum.count();
  add_saturated(count, more.count());
  sum = std::chrono::duration<std::uint64_t, Period>(count);
}
/// @}

}  // namespace katydid
