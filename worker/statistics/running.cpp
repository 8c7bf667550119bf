#include "worker/statistics/running.hpp"

#include <algorithm>

namespace katydid {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// What Locust's window can still look at, and some more for reports that come late.
constexpr seconds kept_seconds(60);

void forget_old_seconds(EntryCounts& counts, sys_seconds last) {
  std::erase_if(counts.seconds, [&](const SecondCounts& counted) { return counted.second < last - kept_seconds; });
}

}  // namespace

void RunningStatistics::add(const StatisticsDelta& delta) {
  for (const StatisticsDelta::Entry& entry : delta.entries) {
    entries_[{entry.key->name, entry.key->method}].merge(entry.counts);
    if (!entry.key->apart) total_.merge(entry.counts);
  }
  if (kept_ == Seconds::last_minute) {
    const auto last = floor<seconds>(total_.last_request);
    for (auto& [key, counts] : entries_) forget_old_seconds(counts, last);
    forget_old_seconds(total_, last);
  }

  for (const StatisticsDelta::Error& error : delta.errors) {
    const RequestKey& request = *error.key->request;
    const auto [place, added] =
        error_index_.try_emplace({request.method, request.name, error.key->text}, errors_.size());
    if (added) errors_.push_back({error.key, {}});
    errors_[place->second].counts.merge(error.counts);
  }
}

void RunningStatistics::reset(WallTime start) {
  start_ = start;
  for (auto& [key, counts] : entries_) counts = {};
  total_ = {};
  error_index_.clear();
  errors_.clear();
}

RunningStatistics::Rates RunningStatistics::current_rates(const EntryCounts& counts) const {
  if (total_.num_requests == 0) return {};
  const auto last = floor<seconds>(total_.last_request);
  const auto begin = std::max(last - seconds(12), floor<seconds>(start_)), end = last - seconds(2);
  if (begin >= end) return {};
  Rates rates;
  for (const SecondCounts& counted : counts.seconds) {
    if (counted.second < begin || counted.second >= end) continue;
    rates.requests += static_cast<double>(counted.requests);
    rates.failures += static_cast<double>(counted.failures);
  }
  const auto width = static_cast<double>((end - begin).count());
  return {rates.requests / width, rates.failures / width};
}

RunningStatistics::Rates RunningStatistics::total_rates(const EntryCounts& counts) const {
  const double elapsed = std::chrono::duration<double>(total_.last_request - start_).count();
  if (total_.num_requests == 0 || elapsed == 0) return {};
  return {static_cast<double>(counts.num_requests) / elapsed, static_cast<double>(counts.num_failures) / elapsed};
}

double RunningStatistics::rate_until_now(const EntryCounts& counts) const {
  const double elapsed = std::chrono::duration<double>(std::max(total_.last_request, now_) - start_).count();
  return elapsed > 0 ? static_cast<double>(counts.num_requests) / elapsed : 0;
}

void CutOffCounts::add(const StatisticsDelta& delta) {
  for (const StatisticsDelta::CutOff& cut_off : delta.cut_off) {
    counts_[{cut_off.key->method, cut_off.key->name}] += cut_off.requests;
    total_ += cut_off.requests;
  }
}

std::string CutOffCounts::to_text(std::size_t max_names) const {
  if (total_ == 0) return {};
  std::vector<std::pair<std::uint64_t, std::string>> names;
  names.reserve(counts_.size());
  for (const auto& [key, count] : counts_)
    names.emplace_back(count, key.first + (key.first.empty() ? "" : " ") + key.second);
  std::ranges::stable_sort(names, std::ranges::greater(), [](const auto& item) { return item.first; });

  std::string text = std::to_string(total_) + (total_ == 1 ? " request was" : " requests were") + " cut off at stop: ";
  for (std::size_t i = 0; i < std::min(names.size(), max_names); ++i) {
    if (i) text += ", ";
    text += names[i].second + " " + std::to_string(names[i].first);
  }
  if (names.size() > max_names) text += " and " + std::to_string(names.size() - max_names) + " more names";
  return text;
}

}  // namespace katydid
