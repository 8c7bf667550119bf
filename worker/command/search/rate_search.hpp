#pragma once

#include <limits>

namespace katydid {

/// Finds the highest rate at which a condition holds, one step after the other: doubles the rate until it does not
/// hold, halves what lies between, and then tries both ends again, as what is measured is a matter of chance. A rate
/// that fails when it is tried again makes room for the next lower one, and one that holds for the next higher one.
class RateSearch {
 public:
  struct Options {
    double start = 1;          ///< the rate of the first step
    double precision = 0.015;  ///< as near to each other are in the end what holds and what does not
    int repeats = 3;           ///< so often in a row has to hold what is told
    int most_steps = 80;       ///< then it ends with what it knows
    double most = 1e6;         ///< higher rates are not tried
    double least_part = 1e-3;  ///< of the start; lower ones are not tried
  };

  explicit RateSearch(const Options& options) : options_(options), rate_(options.start) {}

  /// Of the step that is due.
  double rate() const { return rate_; }
  /// Whether the condition held in that step.
  void take(bool held);
  bool done() const { return phase_ == Phase::done; }
  int steps() const { return steps_; }

  /// The highest rate that held, and in how many steps in a row; 0: none did. @{
  double held() const { return low_; }
  int held_times() const { return low_times_; }
  /// @}
  /// The lowest rate above it that did not, and in how many; infinity: none was found. @{
  double failed() const { return high_; }
  int failed_times() const { return high_times_; }
  /// @}

 private:
  enum class Phase { rising, falling, halving, confirming, doubting, done };

  void set_low(double rate);
  void set_high(double rate);
  void go_on_between();
  void confirm();
  void turn(Phase phase);
  void stride(bool up);

  Options options_;
  Phase phase_ = Phase::rising;
  double rate_;
  double stride_ = 2;  // factor of the next step, up or down
  double low_ = 0, high_ = std::numeric_limits<double>::infinity();
  int low_times_ = 0, high_times_ = 0;
  int steps_ = 0;
};

}  // namespace katydid
