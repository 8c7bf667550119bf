#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace katydid {

using Milliseconds = std::chrono::duration<double, std::milli>;

/// How response times become the keys of a histogram.
enum class Rounding {
  fine,  ///< two significant digits (0.37 ms, 4.2 ms, 150 ms), below 10 us whole microseconds, above 10 s whole seconds
  locust  ///< Python's keys: the same from 10 ms up, whole milliseconds below
};

/// The keys are numbered from 0 in ascending order; the first `dense_slots` of them are the keys below 100 s. Above,
/// each whole second is a key, as in Locust, without an end.
inline constexpr std::size_t dense_slots = 640;

/// Divides as Python's round() does: a tie goes to the even neighbour.
constexpr std::uint64_t divide_half_even(std::uint64_t value, std::uint64_t divisor) {
  const std::uint64_t quotient = value / divisor, twice = 2 * (value % divisor);
  return quotient + ((twice > divisor || (twice == divisor && quotient % 2 == 1)) ? 1 : 0);
}

/// The key that a response time is counted under: what Locust's bucket_response_time() makes of the same time.
/// Negative times count as 0.
constexpr std::size_t slot_of(std::chrono::nanoseconds response_time, Rounding rounding) {
  const std::int64_t count = response_time.count();
  const std::uint64_t ns = count < 0 ? 0 : static_cast<std::uint64_t>(count);
  // Each power of ten above 100 us has 90 keys, 10 to 99 units of its last digit; the offsets make them follow on.
  if (rounding == Rounding::locust && ns < 100'000'000) {
    const std::uint64_t ms = divide_half_even(ns, 1'000'000);
    if (ms >= 10) return 270 + ms;
    return ms == 0 ? 0 : 180 + 10 * ms;
  }
  if (ns < 100'000) return divide_half_even(ns, 1'000);
  if (ns < 1'000'000) return 90 + divide_half_even(ns, 10'000);
  if (ns < 10'000'000) return 180 + divide_half_even(ns, 100'000);
  if (ns < 100'000'000) return 270 + divide_half_even(ns, 1'000'000);
  if (ns < 1'000'000'000) return 360 + divide_half_even(ns, 10'000'000);
  if (ns < 10'000'000'000) return 450 + divide_half_even(ns, 100'000'000);
  return 540 + divide_half_even(ns, 1'000'000'000);
}

/// The inverse: the response time that stands for all of the slot.
std::chrono::microseconds slot_key(std::size_t slot);

/// The key itself.
inline Milliseconds round_response_time(std::chrono::nanoseconds response_time, Rounding rounding) {
  return slot_key(slot_of(response_time, rounding));
}

}  // namespace katydid
