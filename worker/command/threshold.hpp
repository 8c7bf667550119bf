#pragma once

#include "worker/statistics/running.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// When a test has failed: "p99(GET /hello) > 200ms", "fail_ratio > 1%", "dropped > 0".
///
/// The measures are p50, p99, p99.9 and so on, avg, min, max, fail_ratio, fails, requests, rps (over the whole run),
/// and dropped (tasks of an arrival rate; it takes a user class). In brackets stands an entry, as the statistics show
/// it: with its type, or by its name alone; without brackets the measure is that of all requests. `abort` at the end
/// asks to stop a test as soon as it has failed.
class Threshold {
 public:
  /// Throws BadValue.
  static Threshold parse(std::string_view text);
  /// Of what has to hold, "p95 < 300ms": it is broken where that does not. There is no `abort`. Throws BadValue.
  static Threshold parse_requirement(std::string_view text);

  /// What is wrong: "p99(GET /hello) > 200ms: it is 250 ms"; nothing where all is well. An entry without requests can't
  /// be well in the end.
  std::optional<std::string> broken_by(const RunningStatistics& statistics, bool at_the_end) const;
  /// The same words where all is well.
  std::string outcome(const RunningStatistics& statistics) const;
  bool aborts() const { return aborts_; }
  /// The user class whose dropped tasks it looks at; empty where it looks at something else, or at all of them.
  std::string_view dropped_class() const;

 private:
  enum class Measure { percentile, average, least, most, fail_ratio, fails, requests, rate, dropped };
  enum class Comparison { more, at_least, less, at_most };

  bool is_time() const { return measure_ <= Measure::most; }
  double limit_from(std::string_view text) const;
  /// In milliseconds, where it is a time; nothing where there is none.
  std::optional<double> value_of(const RunningStatistics& statistics, const EntryCounts& counts) const;
  std::optional<double> value_in(const RunningStatistics& statistics) const;
  bool holds(double value) const;

  std::string text_, entry_;
  Measure measure_ = Measure::percentile;
  Comparison comparison_ = Comparison::more;
  double fraction_ = 0;  // of a percentile
  double limit_ = 0;
  bool aborts_ = false;
};

}  // namespace katydid
