#include "worker/compare/comparison.hpp"

#include "worker/compare/measuring.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

namespace katydid::compare {
namespace {

constexpr double error_rate = 0.05;
constexpr double much = 0.1;  // of what makes runs hard to compare
constexpr std::array measures{Measure::rate, Measure::mean, Measure::p50,
                              Measure::p95,  Measure::p99,  Measure::failures};

template <class Has>
bool all_runs(const Side& before, const Side& after, Has has) {
  return std::ranges::all_of(before, has) && std::ranges::all_of(after, has);
}

SeriesOfRuns total_of(const Side& side) {
  SeriesOfRuns all;
  for (const Run& run : side) all.push_back(&run.total);
  return all;
}

/// Of the runs that have it.
SeriesOfRuns named(const Side& side, const std::string& name) {
  SeriesOfRuns all;
  for (const Run& run : side) {
    if (const auto found = run.names.find(name); found != run.names.end()) all.push_back(&found->second);
  }
  return all;
}

std::set<std::string> names_of(const Side& side) {
  std::set<std::string> names;
  for (const Run& run : side) {
    for (const auto& [name, series] : run.names) names.insert(name);
  }
  return names;
}

Entry entry_of(std::string name, const SeriesOfRuns& before, const SeriesOfRuns& after, const Side& a, const Side& b,
               double errors) {
  Entry entry{.name = std::move(name), .changes = {}};
  const bool by_interval = all_runs(a, b, [](const Run& run) { return run.times_by_interval; });
  const bool failures = all_runs(a, b, [](const Run& run) { return run.failures_known; });
  for (const Measure measure : measures) {
    if (measure == Measure::failures && !failures) continue;
    entry.changes.push_back(change_of(measure, before, after, by_interval, errors / measures.size()));
  }
  return entry;
}

std::string text(const char* format, double first, double second) {
  std::array<char, 200> buffer;
  std::snprintf(buffer.data(), buffer.size(), format, first, second);
  return buffer.data();
}

double mean_seconds(const Side& side) {
  double sum = 0;
  for (const Run& run : side) sum += run.seconds;
  return sum / static_cast<double>(side.size());
}

double rate_of(const Side& side) {
  double requests = 0, seconds = 0;
  for (const Run& run : side) {
    for (const Interval& each : run.total.intervals) requests += static_cast<double>(each.requests);
    seconds += run.seconds;
  }
  return seconds > 0 ? requests / seconds : 0;
}

bool far_apart(double a, double b) { return std::abs(a - b) > much * std::max(a, b); }

void note_differences(const Side& before, const Side& after, std::vector<std::string>& notes) {
  const double a = mean_seconds(before), b = mean_seconds(after);
  if (far_apart(a, b)) notes.push_back(text("The runs differ in length: %.0f s before, %.0f s after.", a, b));
  const double old_rate = rate_of(before), new_rate = rate_of(after);
  if (far_apart(old_rate, new_rate)) {
    notes.push_back(text("The runs differ in load: %.1f requests/s before, %.1f after. Response times depend on it.",
                         old_rate, new_rate));
  }
  if (!all_runs(before, after, [](const Run& run) { return run.failures_known; }))
    notes.emplace_back("Failures are not compared: a file does not tell of them.");
}

void note_names(const std::set<std::string>& have, const std::set<std::string>& lack, const char* where,
                std::vector<std::string>& notes) {
  for (const std::string& name : have) {
    if (!lack.contains(name)) notes.push_back(name + ": only in the runs " + where + ".");
  }
}

}  // namespace

std::string_view name_of(Measure measure) {
  constexpr std::array<std::string_view, measures.size()> names{"requests/s", "mean", "p50", "p95", "p99", "failed"};
  return names[static_cast<std::size_t>(measure)];
}

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 4> names{"same", "better", "worse", "unknown"};
  return names[static_cast<std::size_t>(verdict)];
}

std::vector<std::pair<const Entry*, const Change*>> Comparison::with(Verdict verdict) const {
  std::vector<std::pair<const Entry*, const Change*>> found;
  for (const Entry& entry : entries) {
    for (const Change& change : entry.changes) {
      if (change.verdict == verdict) found.emplace_back(&entry, &change);
    }
  }
  return found;
}

Verdict Comparison::verdict() const {
  for (const Verdict each : {Verdict::worse, Verdict::better, Verdict::same}) {
    if (!with(each).empty()) return each;
  }
  return Verdict::unknown;
}

Comparison compare(const Side& before, const Side& after) {
  Comparison all;
  note_differences(before, after, all.notes);
  const std::set<std::string> old_names = names_of(before), new_names = names_of(after);
  std::vector<std::string> names;
  std::ranges::set_intersection(old_names, new_names, std::back_inserter(names));
  // Half of all errors may be in the total, and half in the names.
  const double share = names.empty() ? error_rate : error_rate / 2;
  all.entries.push_back(entry_of("", total_of(before), total_of(after), before, after, share));
  for (const std::string& name : names) {
    all.entries.push_back(entry_of(name, named(before, name), named(after, name), before, after,
                                   share / static_cast<double>(names.size())));
  }
  // Where no run of a side tells names apart, none is missing.
  if (!old_names.empty() && !new_names.empty()) {
    note_names(old_names, new_names, "before", all.notes);
    note_names(new_names, old_names, "after", all.notes);
  }
  return all;
}

}  // namespace katydid::compare
