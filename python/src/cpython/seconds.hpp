#pragma once

#include <chrono>

namespace katydid::python {

/// A number of seconds of Python's as a duration of C++: 0 for what is less or no number, `most` for what is more. A
/// double that does not fit must never be cast: what comes of it is undefined.
inline std::chrono::nanoseconds within(double seconds, std::chrono::nanoseconds most) {
  if (!(seconds > 0)) return {};
  const std::chrono::duration<double> given(seconds);
  return given < most ? std::chrono::ceil<std::chrono::nanoseconds>(given) : most;
}

/// A time limit of a request; a year at most.
inline std::chrono::milliseconds time_limit(double seconds) {
  return std::chrono::ceil<std::chrono::milliseconds>(within(seconds, std::chrono::hours(24 * 365)));
}

}  // namespace katydid::python
