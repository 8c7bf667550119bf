#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace katydid {

/// How long what a loop waits for had to wait for the loop: measured by an event of the loop's own, fifty times a
/// second, that queues behind all others. An idle loop has some microseconds of it; what a saturated one has is part of
/// every response time that it measures. In buckets of at most an eighth of their value.
class LoopLag {
 public:
  using Duration = std::chrono::nanoseconds;

  void record(Duration lag);
  void merge(const LoopLag& other);

  std::uint64_t count() const { return count_; }
  Duration total() const { return total_; }
  Duration max() const { return max_; }
  Duration min() const { return count_ == 0 ? Duration::zero() : min_; }
  /// The lag that this part (0 to 1) of the samples did not exceed, rounded up to its bucket's end, but not above
  /// max().
  Duration percentile(double fraction) const;

  /// Calls `visit(end of the bucket, count)` for each that is not empty, in ascending order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      if (buckets_[i] > 0) visit(end_of(i), buckets_[i]);
    }
  }

 private:
  // In units of 1,024 ns, up to some two minutes.
  static constexpr unsigned fraction_bits = 3, unit_bits = 10;
  static constexpr std::size_t bucket_count = 26U << fraction_bits;
  static std::size_t bucket_of(Duration lag);
  static Duration end_of(std::size_t bucket);

  std::array<std::uint32_t, bucket_count> buckets_{};
  std::uint64_t count_ = 0;
  Duration total_{}, max_{}, min_ = Duration::max();
};

}  // namespace katydid
