#include "base/value.hpp"
#include "worker/compare/number.hpp"
#include "worker/compare/run.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>

namespace katydid::compare {
namespace {

using Second = std::int64_t;

constexpr Second a_thousand_years = 1000L * 366 * 24 * 3600;
// Of all names together: some fifty megabytes. Of a run that is too long for them, intervals are longer than a second.
constexpr std::uint64_t most_intervals = 500'000;

using Seconds = std::map<Second, std::uint64_t>;

Seconds seconds_of(const Value& entry, std::string_view field) {
  Seconds seconds;
  for (const auto& [key, count] : entry[field].as_object()) {
    const std::string& text = key.as_string();
    Second second = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), second);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (!whole || second < 0 || second > a_thousand_years) throw std::runtime_error("'" + text + "' is no second");
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
  entry.series.milliseconds = plausible(value["total_response_time"].as_double(), "total_response_time");
  entry.series.requests = value["num_requests"].as_uint();
  for (const auto& [key, count] : value["response_times"].as_object()) {
    entry.series.times[number_from(key.as_string())] += count.as_uint();
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

std::uint64_t count_between(const Seconds& seconds, Second begin, Second end) {
  std::uint64_t count = 0;
  for (auto each = seconds.lower_bound(begin); each != seconds.end() && each->first < end; ++each)
    count += each->second;
  return count;
}

std::vector<Interval> intervals_of(const Entry& entry, Second first, Second last, Second length) {
  std::vector<Interval> intervals;
  if (first <= last) intervals.reserve(static_cast<std::size_t>((last - first) / length + 1));
  for (Second begin = first; begin <= last; begin += length) {
    const Second end = std::min(begin + length, last + 1);
    intervals.push_back({.begin = static_cast<double>(begin - first),
                         .length = static_cast<double>(end - begin),
                         .requests = count_between(entry.requests, begin, end),
                         .failures = count_between(entry.failures, begin, end)});
  }
  return intervals;
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
  if (first > last) throw std::runtime_error("there are no requests by the second in it");
  if (last - first >= 2) ++first, --last;  // which are parts of seconds
  first += static_cast<Second>(skip.count());
  const auto seconds = static_cast<std::uint64_t>(std::max<Second>(0, last - first + 1));
  const auto length = static_cast<Second>(1 + seconds * entries.size() / most_intervals);
  for (Entry& entry : entries) {
    entry.series.intervals = intervals_of(entry, first, last, length);
    add(run.total, entry.series);
    run.names.emplace(entry.method + " " + entry.name, std::move(entry.series));
  }
  run.seconds = static_cast<double>(seconds);
  return run;
}

}  // namespace katydid::compare
