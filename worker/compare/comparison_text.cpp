#include "worker/compare/comparison_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace katydid::compare {
namespace {

template <class... Values>
std::string printed(const char* format, Values... values) {
  std::array<char, 256> buffer;
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

/// Three digits, which is what a comparison is about.
std::string three_digits(double value) {
  const int digits =
      value >= 100 || value <= 0 ? 0 : std::clamp(2 - static_cast<int>(std::floor(std::log10(value))), 0, 6);
  return printed("%.*f", digits, value);
}

std::string value_text(Measure measure, double value) {
  if (measure == Measure::rate) return three_digits(value);
  if (measure == Measure::failures) return printed("%.2f %%", 100 * value);
  if (value >= 10'000) return three_digits(value / 1000) + " s";
  return value < 1 ? three_digits(1000 * value) + " us" : three_digits(value) + " ms";
}

/// Of failures it is a difference of per cents.
std::string percent(Measure measure, double change) {
  return printed(measure == Measure::failures ? "%+.2f" : "%+.1f", 100 * change);
}

std::string interval_text(const Change& change) {
  return percent(change.measure, change.low) + " to " + percent(change.measure, change.high) + " %";
}

std::string side_text(const char* which, const Side& side) {
  std::string text;
  for (const Run& run : side) {
    text += printed("%-8s", text.empty() ? which : "") + run.file +
            printed(" (%.0f s, %llu requests)\n", run.seconds, static_cast<unsigned long long>(run.total.requests));
  }
  return text;
}

std::string table_of(const Entry& entry) {
  std::string text = (entry.name.empty() ? "All requests" : entry.name) + "\n";
  for (const Change& change : entry.changes) {
    text += printed("  %-12s %11s %11s %10s  ", std::string(name_of(change.measure)).c_str(),
                    value_text(change.measure, change.before).c_str(), value_text(change.measure, change.after).c_str(),
                    (percent(change.measure, change.change) + " %").c_str());
    if (change.verdict == Verdict::unknown) {
      text += "? " + change.why_unknown + "\n";
    } else {
      text += printed("%-22s", interval_text(change).c_str()) + std::string(name_of(change.verdict)) + "\n";
    }
  }
  return text;
}

bool differs(const Entry& entry) {
  return std::ranges::any_of(entry.changes, [](const Change& each) {
    return each.verdict == Verdict::better || each.verdict == Verdict::worse;
  });
}

std::string listed(const std::vector<std::pair<const Entry*, const Change*>>& changes) {
  std::string text;
  for (const auto& [entry, change] : changes) {
    text += (text.empty() ? "" : ", ") + (entry->name.empty() ? "" : entry->name + " ") +
            std::string(name_of(change->measure)) + " " + percent(change->measure, change->change) + " %";
  }
  return text;
}

std::string verdict_text(const Comparison& comparison) {
  std::string text;
  const auto worse = comparison.with(Verdict::worse), better = comparison.with(Verdict::better);
  const auto unknown = comparison.with(Verdict::unknown);
  if (!worse.empty()) text += "Worse: " + listed(worse) + ".\n";
  if (!better.empty()) text += "Better: " + listed(better) + ".\n";
  if (text.empty() && comparison.verdict() == Verdict::same) text = "No difference beyond noise.\n";
  if (!unknown.empty())
    text += printed("Nothing can be said of %zu of %zu figures.\n", unknown.size(),
                    unknown.size() + worse.size() + better.size() + comparison.with(Verdict::same).size());
  return text;
}

Value files_of(const Side& side) {
  Value files = Value::array();
  for (const Run& run : side) {
    files.push_back(json{{"file", run.file}, {"seconds", run.seconds}, {"requests", run.total.requests}});
  }
  return files;
}

Value value_of(const Change& change) {
  Value value = json{{"measure", name_of(change.measure)},
                     {"before", change.before},
                     {"after", change.after},
                     {"change", change.change},
                     {"verdict", name_of(change.verdict)}};
  if (change.verdict == Verdict::unknown) {
    value.set("why", change.why_unknown);
  } else {
    value.set("low", change.low);
    value.set("high", change.high);
  }
  return value;
}

}  // namespace

std::string comparison_text(const Comparison& comparison, const Side& before, const Side& after, Shown names) {
  std::string text = side_text("before", before) + side_text("after", after) + "\n" +
                     printed("  %-12s %11s %11s %10s  %s\n", "", "before", "after", "change", "interval");
  std::size_t left_out = 0;
  for (const Entry& entry : comparison.entries) {
    if (names == Shown::all || entry.name.empty() || differs(entry)) {
      text += table_of(entry);
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) text += printed("(%zu names without a difference are left out: --all shows them)\n", left_out);
  text += "\n";
  for (const std::string& note : comparison.notes) text += "Note: " + note + "\n";
  return text + verdict_text(comparison);
}

Value comparison_json(const Comparison& comparison, const Side& before, const Side& after) {
  Value entries = Value::array();
  for (const Entry& entry : comparison.entries) {
    Value changes = Value::array();
    for (const Change& change : entry.changes) changes.push_back(value_of(change));
    entries.push_back(
        json{{"name", entry.name.empty() ? Value() : Value(entry.name)}, {"measures", std::move(changes)}});
  }
  return json{{"verdict", name_of(comparison.verdict())},
              {"before", files_of(before)},
              {"after", files_of(after)},
              {"entries", std::move(entries)},
              {"notes", comparison.notes}};
}

}  // namespace katydid::compare
