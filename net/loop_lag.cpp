#include "net/loop_lag.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace katydid {

std::size_t LoopLag::bucket_of(Duration lag) {
  const auto units = static_cast<std::uint64_t>(lag.count()) >> unit_bits;
  constexpr std::uint64_t exact = 1U << fraction_bits;
  if (units < exact) return static_cast<std::size_t>(units);
  const auto shift = static_cast<unsigned>(std::bit_width(units)) - 1 - fraction_bits;
  const auto bucket = ((shift + 1U) << fraction_bits) + ((units >> shift) & (exact - 1));
  return std::min<std::size_t>(bucket, bucket_count - 1);
}

LoopLag::Duration LoopLag::end_of(std::size_t bucket) {
  constexpr std::size_t exact = 1U << fraction_bits;
  const std::size_t next = bucket + 1;
  if (next < exact) return Duration(static_cast<std::int64_t>(next << unit_bits));
  const std::size_t shift = (next >> fraction_bits) - 1;
  return Duration(static_cast<std::int64_t>((exact + (next & (exact - 1))) << shift << unit_bits));
}

void LoopLag::record(Duration lag) {
  lag = std::max(lag, Duration::zero());
  ++buckets_[bucket_of(lag)];
  ++count_;
  total_ += lag;
  max_ = std::max(max_, lag);
  min_ = std::min(min_, lag);
}

void LoopLag::merge(const LoopLag& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  total_ += other.total_;
  max_ = std::max(max_, other.max_);
  min_ = std::min(min_, other.min_);
}

LoopLag::Duration LoopLag::percentile(double fraction) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= wanted && seen > 0) return std::min(end_of(i), max_);
  }
  return max_;
}

}  // namespace katydid
