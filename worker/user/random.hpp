#pragma once

#include <cstdint>
#include <string_view>

namespace katydid {

/// Random numbers for the distributions of <random>, or by themselves: `random_source().below(6) + 1`.
class RandomSource {
 public:
  using result_type = std::uint64_t;
  explicit constexpr RandomSource(std::uint64_t seed) : state_(seed) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return ~result_type{0}; }
  /// SplitMix64.
  constexpr result_type operator()() {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
  }
  /// From 0 up to, but without, `bound`, which is not 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>((*this)()) * bound) >> 64);
  }
  /// From 0 up to, but without, 1.
  constexpr double fraction() { return static_cast<double>((*this)() >> 11) * 0x1p-53; }

 private:
  std::uint64_t state_;
};

/// What chance there is on the calling thread: which task comes next, how long a wait is. It is the thread's own,
/// seeded once, unless a RandomScope names another.
RandomSource& random_source();

/// Makes `source` the thread's for as long as it lives; nullptr changes nothing.
class RandomScope {
 public:
  explicit RandomScope(RandomSource* source) : source_(source), before_(source ? exchange(source) : nullptr) {}
  ~RandomScope() {
    if (source_) exchange(before_);
  }
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;

 private:
  /// The one that was the thread's before; nullptr: its own.
  static RandomSource* exchange(RandomSource* source);

  RandomSource* source_;
  RandomSource* before_;
};

/// What one user's numbers begin with, where --seed is given: the `number`-th user of its class in that worker.
std::uint64_t seed_of_user(std::uint64_t seed, int worker, std::string_view user_class, std::uint64_t number);

}  // namespace katydid
