#include "worker/compare/precision.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace katydid::compare {
namespace {

constexpr std::size_t fewest_batches = 10;
constexpr double doubted = 1;  // standard errors of an autocorrelation
constexpr double least_seen = 0.2;

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double variance_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum / static_cast<double>(values.size() - 1);
}

std::vector<double> batch_means(const std::vector<double>& values, std::size_t size) {
  std::vector<double> means;
  for (std::size_t begin = 0; begin + size <= values.size(); begin += size) {
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(begin);
    means.push_back(std::accumulate(from, from + static_cast<std::ptrdiff_t>(size), 0.0) / static_cast<double>(size));
  }
  return means;
}

/// The incomplete beta function's continued fraction, by Lentz's method.
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  double c = 1, d = 1 / std::max(tiny, 1 - (a + b) * x / (a + 1)), result = d;
  for (int step = 1; step <= 500; ++step) {
    const double m = step;
    for (const double factor : {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))}) {
      d = 1 + factor * d;
      d = 1 / (std::abs(d) < tiny ? tiny : d);
      c = 1 + factor / c;
      if (std::abs(c) < tiny) c = tiny;
      result *= c * d;
    }
    if (std::abs(c * d - 1) < 1e-13) break;
  }
  return result;
}

/// That |t| is exceeded.
double student_tail(double t, double freedom) {
  const double x = freedom / (freedom + t * t), a = freedom / 2, b = 0.5;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

double autocorrelation_time(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double variance = variance_of(values);
  if (!(variance > 0)) return 1;
  const double mean = mean_of(values);
  double products = 0;
  for (std::size_t i = 1; i < values.size(); ++i) products += (values[i] - mean) * (values[i - 1] - mean);
  const double seen = products / (count - 1) / variance;
  // A short series hides some of it, and says the rest only so well.
  const double hidden = (1 + 3 * seen) / count, doubt = doubted * std::sqrt((1 - seen * seen) / count);
  const double corrected = std::clamp(seen + hidden + doubt, 0.0, 0.97);
  double time = (1 + corrected) / (1 - corrected);
  for (std::size_t size = 2; values.size() / size >= fewest_batches; size += (size + 1) / 2)
    time = std::max(time, static_cast<double>(size) * variance_of(batch_means(values, size)) / variance);
  return std::min(time, count);
}

Precision precision_of(const std::vector<Shares>& runs, double ratio) {
  Precision all;
  double variance = 0, base = 0;
  for (const Shares& run : runs) {
    std::vector<double> values;
    for (const Share& each : run) {
      values.push_back(each.amount - ratio * each.base);
      base += each.base;
    }
    if (values.size() < 2) continue;
    const auto count = static_cast<double>(values.size());
    const double time = autocorrelation_time(values);
    // Around their own mean, values that resemble each other vary less than around the true one.
    const double hidden = std::max(1 - time / count, least_seen);
    const double of_run = count * variance_of(values) * time / hidden;
    const double away = std::accumulate(values.begin(), values.end(), 0.0);
    variance += of_run;
    all.freedom += count / time - 1;
    all.runs += 1;
    if (of_run > 0) all.surprise += away * away / of_run;
  }
  all.error = base > 0 ? std::sqrt(variance) / base : 0;
  return all;
}

Precision precision_between(const Shares& runs, double ratio) {
  std::vector<double> values;
  double base = 0;
  for (const Share& each : runs) {
    values.push_back(each.amount - ratio * each.base);
    base += each.base;
  }
  const auto count = static_cast<double>(values.size());
  if (count < 2 || base <= 0) return {};
  return {.error = std::sqrt(count * variance_of(values)) / base, .freedom = count - 1};
}

double student_limit(double probability, double freedom) {
  if (freedom < 1) return std::numeric_limits<double>::infinity();
  double low = 0, high = 1;
  while (student_tail(high, freedom) > probability && high < 1e9) high *= 2;
  for (int step = 0; step < 100; ++step) {
    const double middle = (low + high) / 2;
    (student_tail(middle, freedom) > probability ? low : high) = middle;
  }
  return high;
}

double chi_squared_limit(double freedom) {
  const double part = 2 / (9 * freedom);  // Wilson and Hilferty
  return freedom * std::pow(1 - part + 1.6448536 * std::sqrt(part), 3);
}

}  // namespace katydid::compare
