#include "worker/statistics/delta.hpp"

#include "base/saturated.hpp"

#include <algorithm>

namespace katydid {

void EntryCounts::merge(const EntryCounts& other) {
  if (other.num_requests == 0) return;
  start_time = num_requests == 0 ? other.start_time : std::min(start_time, other.start_time);
  last_request = num_requests == 0 ? other.last_request : std::max(last_request, other.last_request);
  add_saturated(num_requests, other.num_requests);
  add_saturated(num_none_requests, other.num_none_requests);
  add_saturated(num_failures, other.num_failures);
  add_saturated(total_content_length, other.total_content_length);
  add_saturated(total_response_time, other.total_response_time);
  min_response_time = std::min(min_response_time, other.min_response_time);
  max_response_time = std::max(max_response_time, other.max_response_time);
  response_times.merge(other.response_times);
  for (const SecondCounts& counts : other.seconds) {
    SecondCounts& mine = at(counts.second);
    add_saturated(mine.requests, counts.requests);
    add_saturated(mine.failures, counts.failures);
  }
}

SecondCounts& EntryCounts::insert(std::chrono::sys_seconds second) {
  const auto place = std::lower_bound(seconds.begin(), seconds.end(), second,
                                      [](const SecondCounts& counts, auto key) { return counts.second < key; });
  if (place != seconds.end() && place->second == second) return *place;
  return *seconds.insert(place, SecondCounts{.second = second});
}

void ErrorCounts::merge(const ErrorCounts& other) {
  if (other.occurrences == 0) return;
  first_seen = occurrences == 0 ? other.first_seen : std::min(first_seen, other.first_seen);
  last_seen = occurrences == 0 ? other.last_seen : std::max(last_seen, other.last_seen);
  add_saturated(occurrences, other.occurrences);
}

EntryCounts StatisticsDelta::total() const {
  EntryCounts total;
  for (const Entry& entry : entries) {
    if (!entry.key->apart) total.merge(entry.counts);
  }
  return total;
}

}  // namespace katydid
