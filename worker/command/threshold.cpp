#include "worker/command/threshold.hpp"

#include "worker/arrivals/arrivals.hpp"
#include "worker/command/option_values.hpp"

#include <array>
#include <cstdio>
#include <utility>

namespace katydid {
namespace {

constexpr std::string_view blanks = " \t";

/// Of digits and a point alone.
std::optional<double> number_from(std::string_view text) {
  if (text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  try {
    return parse_number(text);
  } catch (const BadValue&) {
    return std::nullopt;
  }
}

double milliseconds(auto duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

bool names(std::string_view entry, std::string_view method, std::string_view name) {
  if (entry == name) return true;
  return entry.size() == method.size() + 1 + name.size() && entry.starts_with(method) && entry.ends_with(name) &&
         entry[method.size()] == ' ';
}

std::string shown(double value, std::string_view unit) {
  std::array<char, 64> buffer;
  const int size = std::snprintf(buffer.data(), buffer.size(), "%.6g", value);
  return std::string(buffer.data(), static_cast<std::size_t>(size)).append(unit);
}

}  // namespace

Threshold Threshold::parse(std::string_view text) {
  Threshold parsed;
  parsed.text_ = stripped(text);
  std::string_view rest = parsed.text_;
  constexpr std::string_view abort = "abort";
  if (rest.ends_with(abort) && rest.size() > abort.size() &&
      blanks.find(rest[rest.size() - abort.size() - 1]) != std::string_view::npos) {
    parsed.aborts_ = true;
    rest = stripped(rest.substr(0, rest.size() - abort.size()));
  }
  // Names of entries may hold anything, these signs too: the comparison is behind the last bracket.
  const std::size_t bracket = rest.rfind(')');
  const std::size_t sign = rest.find_first_of("<>", bracket == std::string_view::npos ? 0 : bracket);
  if (sign == std::string_view::npos) throw BadValue("expected a comparison, such as 'p99(GET /hello) > 200ms'");
  const bool or_equal = rest.substr(sign + 1).starts_with('=');
  if (rest[sign] == '>') {
    parsed.comparison_ = or_equal ? Comparison::at_least : Comparison::more;
  } else {
    parsed.comparison_ = or_equal ? Comparison::at_most : Comparison::less;
  }
  std::string_view measure = stripped(rest.substr(0, sign));
  if (const std::size_t open = measure.find('('); open != std::string_view::npos) {
    if (!measure.ends_with(')')) throw BadValue("a bracket is not closed");
    parsed.entry_ = stripped(measure.substr(open + 1, measure.size() - open - 2));
    if (parsed.entry_.empty()) throw BadValue("there is no name in the brackets");
    measure = stripped(measure.substr(0, open));
  }
  constexpr std::array<std::pair<std::string_view, Measure>, 8> measures{{{"avg", Measure::average},
                                                                          {"min", Measure::least},
                                                                          {"max", Measure::most},
                                                                          {"fail_ratio", Measure::fail_ratio},
                                                                          {"fails", Measure::fails},
                                                                          {"requests", Measure::requests},
                                                                          {"rps", Measure::rate},
                                                                          {"dropped", Measure::dropped}}};
  bool known = false;
  for (const auto& [name, each] : measures) {
    if (measure != name) continue;
    parsed.measure_ = each;
    known = true;
  }
  if (const auto percent = measure.starts_with('p') ? number_from(measure.substr(1)) : std::nullopt; percent) {
    if (!(*percent > 0 && *percent <= 100)) throw BadValue("a percentile is above 0 and at most 100");
    parsed.fraction_ = *percent / 100;
    known = true;
  }
  if (!known) {
    throw BadValue("there is no measure '" + std::string(measure) +
                   "': choose from p50, p99 and so on, avg, min, max, fail_ratio, fails, requests, rps, dropped");
  }
  parsed.limit_ = parsed.limit_from(stripped(rest.substr(sign + (or_equal ? 2 : 1))));
  return parsed;
}

Threshold Threshold::parse_requirement(std::string_view text) {
  Threshold parsed = parse(text);
  if (parsed.aborts_) throw BadValue("'abort' is for --fail-if");
  switch (parsed.comparison_) {
    case Comparison::more:
      parsed.comparison_ = Comparison::at_most;
      break;
    case Comparison::at_least:
      parsed.comparison_ = Comparison::less;
      break;
    case Comparison::less:
      parsed.comparison_ = Comparison::at_least;
      break;
    case Comparison::at_most:
      parsed.comparison_ = Comparison::more;
      break;
  }
  return parsed;
}

double Threshold::limit_from(std::string_view text) const {
  const std::string_view whole = text;
  double factor = 1;
  const auto takes = [&](std::string_view unit, double times) {
    if (factor != 1 || !text.ends_with(unit)) return;
    text.remove_suffix(unit.size());
    factor = times;
  };
  if (is_time()) {
    const bool has_unit = text.ends_with('s');
    if (text.ends_with("ms")) {
      text.remove_suffix(2);
    } else {
      takes("us", 1e-3);
      takes("s", 1e3);
    }
    if (!has_unit)
      throw BadValue("expected a time with its unit, such as 200ms or 1.5s, not '" + std::string(whole) + "'");
  } else if (measure_ == Measure::fail_ratio) {
    takes("%", 0.01);
  }
  const auto number = number_from(stripped(text));
  if (!number) throw BadValue("'" + std::string(whole) + "' is no limit for that measure");
  const double limit = *number * factor;
  if (measure_ == Measure::fail_ratio && limit > 1) {
    throw BadValue("a ratio of '" + std::string(whole) + "' is more than all: did you mean " + std::string(whole) +
                   "%?");
  }
  return limit;
}

std::optional<double> Threshold::value_of(const RunningStatistics& statistics, const EntryCounts& counts) const {
  if (is_time() && !counts.timed()) return std::nullopt;
  const auto requests = static_cast<double>(counts.num_requests), fails = static_cast<double>(counts.num_failures);
  switch (measure_) {
    case Measure::percentile:
      return milliseconds(counts.response_times.percentile(fraction_));
    case Measure::average:
      return milliseconds(counts.total_response_time) / (requests - static_cast<double>(counts.num_none_requests));
    case Measure::least:
      return milliseconds(counts.min_response_time);
    case Measure::most:
      return milliseconds(counts.max_response_time);
    case Measure::fail_ratio:
      return counts.num_requests == 0 ? std::nullopt : std::optional(fails / requests);
    case Measure::fails:
      return fails;
    case Measure::rate:
      return statistics.rate_until_now(counts);
    case Measure::requests:
    case Measure::dropped:
      break;
  }
  return requests;
}

std::optional<double> Threshold::value_in(const RunningStatistics& statistics) const {
  if (measure_ == Measure::dropped) {
    double dropped = 0;
    for (const auto& [key, counts] : statistics.entries()) {
      const bool asked = entry_.empty() || key.first == entry_;
      if (key.second == Arrivals::dropped_method && asked) dropped += static_cast<double>(counts.num_requests);
    }
    return dropped;
  }
  if (entry_.empty()) return value_of(statistics, statistics.total());
  std::optional<EntryCounts> found;  // of several methods, perhaps
  for (const auto& [key, counts] : statistics.entries()) {
    if (!names(entry_, key.second, key.first)) continue;
    if (!found) found.emplace();
    found->merge(counts);
  }
  return found ? value_of(statistics, *found) : std::nullopt;
}

std::string_view Threshold::dropped_class() const {
  return measure_ == Measure::dropped ? std::string_view(entry_) : std::string_view();
}

bool Threshold::holds(double value) const {
  switch (comparison_) {
    case Comparison::more:
      return value > limit_;
    case Comparison::at_least:
      return value >= limit_;
    case Comparison::less:
      return value < limit_;
    case Comparison::at_most:
      break;
  }
  return value <= limit_;
}

std::optional<std::string> Threshold::broken_by(const RunningStatistics& statistics, bool at_the_end) const {
  const auto value = value_in(statistics);
  if (value ? !holds(*value) : !at_the_end) return std::nullopt;
  return outcome(statistics);
}

std::string Threshold::outcome(const RunningStatistics& statistics) const {
  const auto value = value_in(statistics);
  if (!value) return text_ + ": there was no " + (entry_.empty() ? "request" : "request that is counted as " + entry_);
  if (measure_ == Measure::fail_ratio) return text_ + ": it is " + shown(*value * 100, " %");
  return text_ + ": it is " + shown(*value, is_time() ? " ms" : "");
}

}  // namespace katydid
