#pragma once

#include "worker/statistics/delta.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

/// What Locust's tables derive from the counts of an entry.
namespace katydid {

/// Locust's PERCENTILES_TO_REPORT, with their names.
inline constexpr std::array<std::pair<double, std::string_view>, 11> reported_percentiles{{{0.50, "50%"},
                                                                                           {0.66, "66%"},
                                                                                           {0.75, "75%"},
                                                                                           {0.80, "80%"},
                                                                                           {0.90, "90%"},
                                                                                           {0.95, "95%"},
                                                                                           {0.98, "98%"},
                                                                                           {0.99, "99%"},
                                                                                           {0.999, "99.9%"},
                                                                                           {0.9999, "99.99%"},
                                                                                           {1.0, "100%"}}};

/// 0 where nothing was timed. @{
inline Milliseconds average(const EntryCounts& counts) {
  if (!counts.timed()) return {};
  return Milliseconds(counts.total_response_time) / static_cast<double>(counts.num_requests - counts.num_none_requests);
}
/// Keys are rounded but minimum and maximum are not: the median must not lie outside of them.
inline Milliseconds median(const EntryCounts& counts) {
  if (!counts.timed()) return {};
  return std::clamp<Milliseconds>(counts.response_times.percentile(0.5), counts.min_response_time,
                                  counts.max_response_time);
}
inline Milliseconds least(const EntryCounts& counts) {
  return counts.timed() ? Milliseconds(counts.min_response_time) : Milliseconds();
}
/// @}

}  // namespace katydid
