#pragma once

#include "worker/compare/run.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace katydid::compare {

/// The runs before a change, or after it.
using Side = std::vector<Run>;

enum class Measure { rate, mean, p50, p95, p99, failures };
/// "requests/s", "mean", "p50", …, "failed".
std::string_view name_of(Measure measure);

enum class Verdict { same, better, worse, unknown };
std::string_view name_of(Verdict verdict);

/// One figure of both sides. Of failures `change` and its interval are a difference of shares, of all else they are
/// relative: 0.05 is 5 % more.
struct Change {
  Measure measure{};
  double before = 0, after = 0;  ///< requests per second, milliseconds, or a share
  double change = 0, low = 0, high = 0;
  Verdict verdict = Verdict::unknown;
  std::string why_unknown{};

  /// For the worse, whatever that is for this measure: -0.03 is 3 % better.
  double worse_by() const { return measure == Measure::rate ? -change : change; }
};

struct Entry {
  std::string name;  ///< empty: all requests
  std::vector<Change> changes;
};

struct Comparison {
  std::vector<Entry> entries;  ///< that of all requests first
  std::vector<std::string> notes;

  std::vector<std::pair<const Entry*, const Change*>> with(Verdict verdict) const;
  /// Of all: worse where something is worse, better where nothing is and something is better.
  Verdict verdict() const;
};

/// All intervals together hold what is true in 95 of 100 comparisons: so often, two runs of the same are "same".
Comparison compare(const Side& before, const Side& after);

}  // namespace katydid::compare
