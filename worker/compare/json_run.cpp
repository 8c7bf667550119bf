#include "base/value.hpp"
#include "worker/compare/run.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

namespace katydid::compare {
namespace {

using Second = std::int64_t;
using Seconds = std::map<Second, std::uint64_t>;

Seconds seconds_of(const Value& entry, std::string_view field) {
  Seconds seconds;
  for (const auto& [key, count] : entry[field].as_object()) {
    const std::string& text = key.as_string();
    Second second = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), second);
    if (read.ec != std::errc() || second < 0) throw std::runtime_error("'" + text + "' is no second");
    seconds[second] = count.as_uint();
  }
  return seconds;
}

struct Entry {
  std::string method, name;
  Seconds requests, failures;
  Series series;
};

Entry entry_from(const Value& value) {
  Entry entry{.method = value["method"].as_string(),
              .name = value["name"].as_string(),
              .requests = seconds_of(value, "num_reqs_per_sec"),
              .failures = seconds_of(value, "num_fail_per_sec"),
              .series = {}};
  entry.series.milliseconds = value["total_response_time"].as_double();
  entry.series.requests = value["num_requests"].as_uint();
  for (const auto& [key, count] : value["response_times"].as_object()) {
    entry.series.times[std::strtod(key.as_string().c_str(), nullptr)] += count.as_uint();
  }
  return entry;
}

/// What Katydid lists beside the requests: parts of their times, "GET /x [connect]", lag, and tasks that were dropped.
bool stands_apart(const Entry& entry, const std::set<std::string>& names) {
  if (entry.method == "DROPPED" || entry.method == "LOOP") return true;
  const std::size_t bracket = entry.name.rfind(" [");
  return entry.name.ends_with("]") && bracket != std::string::npos &&
         names.contains(entry.method + " " + entry.name.substr(0, bracket));
}

std::uint64_t at(const Seconds& seconds, Second second) {
  const auto found = seconds.find(second);
  return found == seconds.end() ? 0 : found->second;
}

void add(Series& sum, const Series& part) {
  sum.milliseconds += part.milliseconds;
  sum.requests += part.requests;
  for (const auto& [time, count] : part.times) sum.times[time] += count;
  sum.intervals.resize(part.intervals.size());
  for (std::size_t i = 0; i < part.intervals.size(); ++i) {
    sum.intervals[i].begin = part.intervals[i].begin;
    sum.intervals[i].length = part.intervals[i].length;
    sum.intervals[i].requests += part.intervals[i].requests;
    sum.intervals[i].failures += part.intervals[i].failures;
  }
}

}  // namespace

Run json_run(std::string_view text, std::chrono::duration<double> skip) {
  Run run{.times_by_interval = false};
  std::vector<Entry> entries;
  std::set<std::string> names;
  Second first = std::numeric_limits<Second>::max(), last = 0;
  for (const Value& value : Value::parse(text).as_array()) {
    const Entry& entry = entries.emplace_back(entry_from(value));
    names.insert(entry.method + " " + entry.name);
  }
  std::erase_if(entries, [&](const Entry& entry) { return stands_apart(entry, names); });
  for (const Entry& entry : entries) {
    if (entry.requests.empty()) continue;
    first = std::min(first, entry.requests.begin()->first);
    last = std::max(last, entry.requests.rbegin()->first);
  }
  constexpr Second longest = 100L * 24 * 3600;
  if (first > last || last - first > longest) throw std::runtime_error("there are no requests by the second in it");
  if (last - first >= 2) ++first, --last;  // which are parts of seconds
  first += static_cast<Second>(skip.count());
  for (Entry& entry : entries) {
    for (Second second = first; second <= last; ++second) {
      entry.series.intervals.push_back({.begin = static_cast<double>(second - first),
                                        .length = 1,
                                        .requests = at(entry.requests, second),
                                        .failures = at(entry.failures, second)});
    }
    add(run.total, entry.series);
    run.names.emplace(entry.method + " " + entry.name, std::move(entry.series));
  }
  run.seconds = static_cast<double>(run.total.intervals.size());
  return run;
}

}  // namespace katydid::compare
