#include "worker/command/search/rate_search.hpp"

#include <algorithm>
#include <cmath>

namespace katydid {

void RateSearch::set_low(double rate) {
  low_ = rate;
  low_times_ = 1;
}

void RateSearch::set_high(double rate) {
  high_ = rate;
  high_times_ = 1;
}

void RateSearch::go_on_between() {
  if (high_ <= low_ * (1 + options_.precision)) return confirm();
  phase_ = Phase::halving;
  rate_ = std::sqrt(low_ * high_);
}

void RateSearch::confirm() {
  if (low_times_ < options_.repeats) {
    phase_ = Phase::confirming;
    rate_ = low_;
  } else if (high_times_ < 2 && std::isfinite(high_)) {
    phase_ = Phase::doubting;
    rate_ = high_;
  } else {
    phase_ = Phase::done;
  }
}

/// The next rate of a phase that goes one way, in steps that grow.
void RateSearch::stride(bool up) {
  rate_ = up ? std::min(rate_ * stride_, options_.most) : rate_ / stride_;
  stride_ = std::min(2.0, stride_ * stride_);
}

void RateSearch::turn(Phase phase) {
  phase_ = phase;
  stride_ = 1 + options_.precision;
  stride(phase == Phase::rising);
}

void RateSearch::take(bool held) {
  const double rate = rate_;
  if (++steps_ >= options_.most_steps) {
    if (held && rate > low_ && rate < high_) set_low(rate);
    phase_ = Phase::done;
    return;
  }
  switch (phase_) {
    case Phase::rising:
      if (held) {
        set_low(rate);
        return rate < options_.most ? stride(true) : confirm();
      }
      set_high(rate);
      if (low_ > 0) return go_on_between();
      phase_ = Phase::falling;
      return stride(false);
    case Phase::falling:
      if (held) {
        set_low(rate);
        return go_on_between();
      }
      set_high(rate);
      stride(false);
      if (rate_ < options_.start * options_.least_part) phase_ = Phase::done;
      return;
    case Phase::halving:
      held ? set_low(rate) : set_high(rate);
      return go_on_between();
    case Phase::confirming:
      if (held) {
        ++low_times_;
        return confirm();
      }
      set_high(rate);
      low_ = 0;
      return turn(Phase::falling);
    case Phase::doubting:
      if (!held) {
        ++high_times_;
        return confirm();
      }
      set_low(rate);
      high_ = std::numeric_limits<double>::infinity();
      high_times_ = 0;
      return turn(Phase::rising);
    case Phase::done:
      return;
  }
}

}  // namespace katydid
