#include "worker/compare/measuring.hpp"

#include "worker/compare/precision.hpp"
#include "worker/compare/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace katydid::compare {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr std::size_t fewest_intervals = 8, fewest_runs = 3;
constexpr double fewest_beyond = 10;  ///< requests on either side of a percentile

double fraction_of(Measure measure) {
  switch (measure) {
    case Measure::p50:
      return 0.5;
    case Measure::p95:
      return 0.95;
    case Measure::p99:
      return 0.99;
    default:
      return 0;
  }
}

bool is_time(Measure measure) { return measure != Measure::rate && measure != Measure::failures; }

std::uint64_t count_of(const Times& times) {
  std::uint64_t count = 0;
  for (const auto& [time, each] : times) count += each;
  return count;
}

/// A measure of one side: how it is computed from intervals, its value, and how well that is known.
class Figure {
 public:
  Figure(Measure measure, const SeriesOfRuns& runs) : measure_(measure), runs_(runs) {
    for (const Series* run : runs) {
      for (const auto& [time, count] : run->times) times_[time] += count;
    }
    if (is_time(measure_) && times_.empty()) return;
    if (fraction() > 0) quantile_ = quantile_of(times_, fraction());
    Share sum;
    for (const Series* run : runs) {
      const Share whole = share_of(*run);
      sum.amount += whole.amount;
      sum.base += whole.base;
    }
    base_ = sum.base;
    ratio_ = base_ > 0 ? sum.amount / base_ : 0;
  }

  double value() const { return fraction() > 0 ? quantile_.value : ratio_; }

  /// Empty where all is well.
  std::string unfit(bool by_interval) const {
    if (is_time(measure_) && times_.empty()) return "no request was timed";
    const double rarer = std::min(fraction(), 1 - fraction());
    if (fraction() > 0 && rarer * base_ < fewest_beyond) return "too few requests";
    if (measure_ == Measure::rate && ratio_ == 0) return "no requests";
    if (!by_interval) {
      if (runs_.size() < fewest_runs)
        return "--json has times of the whole run only: give three runs a side, or logs of --hdr-log";
      return "";
    }
    std::size_t intervals = 0;
    for (const Series* run : runs_) intervals += run->intervals.size();
    return intervals < fewest_intervals ? "too short: fewer than 8 seconds" : "";
  }

  Precision precision(bool by_interval) const {
    if (!by_interval) {
      Shares sums;
      for (const Series* run : runs_) sums.push_back(share_of(*run));
      return precision_between(sums, ratio_);
    }
    std::vector<Shares> all;
    for (const Series* run : runs_) {
      Shares& shares = all.emplace_back();
      for (const Interval& each : run->intervals) shares.push_back(share_of(each));
    }
    Precision found = precision_of(all, ratio_);
    if (measure_ == Measure::failures && base_ > 0) {  // none in a run does not mean that there can be none
      const double likely = (ratio_ * base_ + 1) / (base_ + 2);
      found.error = std::max(found.error, std::sqrt(likely * (1 - likely) / base_));
    }
    return found;
  }

  /// The relative error; of a quantile that of its fraction, which is what the two sides have in common.
  double relative_error(const Precision& precision) const {
    if (fraction() > 0) return precision.error;
    return ratio_ > 0 ? precision.error / ratio_ : precision.error;
  }

  /// By what part of it the figure may be off because times were rounded. This is no noise: it never averages out.
  double rounding() const { return fraction() > 0 && value() > 0 ? rounding_of(times_) / value() : 0; }

  /// Where the figure lies, as the error is `far` at the most.
  std::pair<double, double> limits(double far) const {
    if (fraction() > 0) {
      const double low = fraction() - far, high = fraction() + far;
      return {low <= 0 ? 0 : quantile_of(times_, low).value, high >= 1 ? infinite : quantile_of(times_, high).value};
    }
    if (measure_ == Measure::failures) return {ratio_ - far, ratio_ + far};
    return {ratio_ * std::exp(-far / ratio_), ratio_ * std::exp(far / ratio_)};
  }

 private:
  double fraction() const { return fraction_of(measure_); }

  /// Of a part of a run.
  Share share_of(const Interval& part) const {
    switch (measure_) {
      case Measure::rate:
        return {static_cast<double>(part.requests), part.length};
      case Measure::failures:
        return {static_cast<double>(part.failures), static_cast<double>(part.requests)};
      case Measure::mean:
        return {part.milliseconds, static_cast<double>(part.timed)};
      default:
        return {quantile_.below(part.times), static_cast<double>(count_of(part.times))};
    }
  }
  Share share_of(const Series& run) const {
    if (measure_ == Measure::mean) return {run.milliseconds, static_cast<double>(count_of(run.times))};
    if (fraction() > 0) return {quantile_.below(run.times), static_cast<double>(count_of(run.times))};
    Share sum;
    for (const Interval& each : run.intervals) {
      const Share share = share_of(each);
      sum.amount += share.amount;
      sum.base += share.base;
    }
    return sum;
  }

  Measure measure_;
  SeriesOfRuns runs_;
  Times times_;
  Quantile quantile_;
  double base_ = 0, ratio_ = 0;
};

/// Runs of a side that differ by more than their seconds make likely: so do the two sides, for no other reason.
void allow_for_differing_runs(Precision& before, Precision& after) {
  const double freedom = before.runs + after.runs - 2;
  if (freedom < 1) return;
  const double surprise = before.surprise + after.surprise, factor = std::sqrt(surprise / freedom);
  if (factor <= 1) return;
  before.error *= factor;
  after.error *= factor;
  if (surprise > chi_squared_limit(freedom)) before.freedom = after.freedom = freedom / 2;
}

/// Satterthwaite's degrees of freedom of a difference.
double freedom_of(double before, double before_freedom, double after, double after_freedom) {
  const double all = before + after;
  if (!(all > 0)) return before_freedom + after_freedom;
  const double parts = before * before / before_freedom + after * after / after_freedom;
  return all * all / parts;
}

}  // namespace

/// An interval of the difference from those of the two figures, by the method of Zou and Donner (2008), MOVER. Of
/// ratios it is that of the logarithms. Limits of a percentile are percentiles themselves (Woodruff, 1952), which asks
/// for no shape of the times.
Change change_of(Measure measure, const SeriesOfRuns& before, const SeriesOfRuns& after, bool times_by_interval,
                 double error_rate) {
  const Figure old(measure, before), now(measure, after);
  Change change{.measure = measure, .before = old.value(), .after = now.value()};
  const bool by_interval = times_by_interval || !is_time(measure);
  const bool differs = measure == Measure::failures;
  change.change = differs ? change.after - change.before : change.before > 0 ? change.after / change.before - 1 : 0;
  for (const Figure* each : {&old, &now}) {
    if (change.why_unknown.empty()) change.why_unknown = each->unfit(by_interval);
  }
  if (!change.why_unknown.empty()) return change;

  Precision a = old.precision(by_interval), b = now.precision(by_interval);
  allow_for_differing_runs(a, b);
  const double va = std::pow(old.relative_error(a), 2), vb = std::pow(now.relative_error(b), 2);
  const double t = student_limit(error_rate, freedom_of(va, a.freedom, vb, b.freedom));
  const auto [old_low, old_high] = old.limits(t * a.error);
  const auto [new_low, new_high] = now.limits(t * b.error);
  const auto scaled = [&](double value) { return differs ? value : std::log(value); };
  const auto unscaled = [&](double value) { return differs ? value : std::exp(value) - 1; };
  const double from = scaled(change.before), to = scaled(change.after);
  const double rounding = old.rounding() + now.rounding();
  change.low = unscaled(to - from - std::hypot(to - scaled(new_low), scaled(old_high) - from) - rounding);
  change.high = unscaled(to - from + std::hypot(scaled(new_high) - to, from - scaled(old_low)) + rounding);
  if (!std::isfinite(change.low) || !std::isfinite(change.high) || (!differs && change.low <= -1)) {
    change.why_unknown = "too short, or too uneven";
    return change;
  }
  const bool less = change.high<0, more = change.low> 0;
  change.verdict = !less && !more                       ? Verdict::same
                   : less == (measure == Measure::rate) ? Verdict::worse
                                                        : Verdict::better;
  return change;
}

}  // namespace katydid::compare
