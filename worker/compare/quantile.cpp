#include "worker/compare/quantile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

namespace katydid::compare {
namespace {

double total_of(const Times& times) {
  std::uint64_t total = 0;
  for (const auto& [time, count] : times) total += count;
  return static_cast<double>(total);
}

bool is_whole(double time) { return std::abs(time - std::round(time)) <= 0.001 * time; }

}  // namespace

double Quantile::below(const Times& times) const {
  double sum = 0;
  for (const auto& [time, count] : times) {
    if (time > to) break;
    const double part = time < from ? 1 : from == to ? 0.5 : time == from ? (1 + at) / 2 : at / 2;
    sum += part * static_cast<double>(count);
  }
  return sum;
}

Quantile quantile_of(const Times& times, double fraction) {
  const double wanted = fraction * total_of(times);
  double passed = 0;
  double last_middle = 0, last_time = times.begin()->first;
  for (const auto& [time, count] : times) {
    const double middle = passed + static_cast<double>(count) / 2;
    if (middle >= wanted) {
      if (passed == 0) break;  // below the middle of the first
      const double at = (wanted - last_middle) / (middle - last_middle);
      return {.value = last_time + at * (time - last_time), .from = last_time, .to = time, .at = at};
    }
    passed += static_cast<double>(count);
    last_middle = middle;
    last_time = time;
  }
  return {.value = last_time, .from = last_time, .to = last_time, .at = 0};
}

double rounding_of(const Times& times) {
  const auto most = std::ranges::max_element(times, {}, &Times::value_type::second);
  if (most == times.end() || static_cast<double>(most->second) <= total_of(times) / 2 || most->first <= 0) return 0;
  const bool whole = std::ranges::all_of(times, [](const auto& each) { return is_whole(each.first); });
  const double digit = std::pow(10, std::floor(std::log10(most->first)) - 1);
  return std::max(digit, whole ? 1.0 : 0.0) / 2;
}

}  // namespace katydid::compare
