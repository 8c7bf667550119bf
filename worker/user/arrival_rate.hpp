#pragma once

#include <chrono>
#include <vector>

namespace katydid {

/// How often tasks of a user class begin, by all of its users together: an open workload. New tasks come whether or not
/// earlier ones have ended, as visitors come to a shop. k6's arrival-rate executors and wrk2's -R mean the same.
///
/// Rates are those of the whole test: each worker does its part, by the users that the master gives it.
class ArrivalRate {
 public:
  using Duration = std::chrono::steady_clock::duration;
  /// The rate at the end of so much time; from the rate before, it gets there in a straight line. One of no length
  /// jumps.
  struct Stage {
    Duration duration;
    double rate;
  };

  /// So many a second. Throws std::invalid_argument unless it is a number that is not negative.
  ArrivalRate(double per_second);
  static ArrivalRate per_minute(double rate) { return rate / 60; }
  /// From `start` through all stages; then it stays as the last one left it. Throws std::invalid_argument for a rate or
  /// a duration that is negative, and where there is no stage.
  static ArrivalRate stages(const std::vector<Stage>& stages, double start = 0);

  /// The same rate on average, with gaps between arrivals that are exponentially distributed: as from many people who
  /// know nothing of each other. Without it arrivals are evenly spaced.
  ArrivalRate poisson() const;
  bool is_poisson() const { return poisson_; }

  /// It never changes.
  bool is_constant() const { return pieces_.size() == 1 && pieces_.front().from == pieces_.front().to; }

  /// A second, so long after the start. Times are in seconds.
  double at(double time) const;
  /// How many arrivals come between two times.
  double expected(double from, double to) const;
  /// When `arrivals` more have come after `from`; infinite where they never will.
  double when(double from, double arrivals) const;

 private:
  struct Piece {
    double begin, end;  // seconds
    double from, to;    // rates
    double slope() const { return end > begin ? (to - from) / (end - begin) : 0; }
    double at(double time) const { return from + slope() * (time - begin); }
  };
  ArrivalRate() = default;
  /// The last one has no end, and goes on at one rate.
  std::vector<Piece> pieces_;
  bool poisson_ = false;
};

}  // namespace katydid
