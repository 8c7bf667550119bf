#include "worker/user/wait_time.hpp"

#include "worker/user/random.hpp"

#include <algorithm>
#include <random>
#include <stdexcept>

namespace katydid {

WaitTime::Duration WaitTime::next(User& user, State& state, std::int64_t fleet) const {
  switch (kind_) {
    case Kind::constant:
      return low_;
    case Kind::between:
      return Duration(std::uniform_int_distribution<Duration::rep>(low_.count(), high_.count())(random_source()));
    case Kind::pacing:
    case Kind::total_pacing: {
      // From start to start, so that waiting late once does not move all later ones.
      const auto now = std::chrono::steady_clock::now();
      const auto due = state.last_start + (kind_ == Kind::pacing ? low_ : low_ * fleet);
      state.last_start = std::max(due, now);
      return state.last_start - now;
    }
    case Kind::poisson: {
      const std::chrono::duration<double> mean = low_;
      return checked(mean * std::exponential_distribution<double>()(random_source()));
    }
    case Kind::function:
      return function_(user);
  }
  return {};
}

void WaitTime::refuse() { throw std::invalid_argument("a wait time must be a number"); }

namespace {
WaitTime::Duration not_negative(WaitTime::Duration duration) {
  if (duration < WaitTime::Duration::zero()) throw std::invalid_argument("a wait time must not be negative");
  return WaitTime::checked(duration);
}
}  // namespace

WaitTime constant(WaitTime::Duration wait) {
  wait = not_negative(wait);
  return {WaitTime::Kind::constant, wait, wait};
}

WaitTime between(WaitTime::Duration low, WaitTime::Duration high) {
  if (low > high) throw std::invalid_argument("between(low, high): low is more than high");
  low = not_negative(low);
  high = not_negative(high);
  return {WaitTime::Kind::between, low, high};
}

WaitTime constant_pacing(WaitTime::Duration period) {
  period = not_negative(period);
  return {WaitTime::Kind::pacing, period, period};
}

WaitTime constant_throughput(double tasks_per_second) {
  if (!(tasks_per_second > 0)) throw std::invalid_argument("constant_throughput: tasks per second must be positive");
  return constant_pacing(WaitTime::checked(std::chrono::duration<double>(1 / tasks_per_second)));
}

WaitTime constant_total_throughput(double tasks_per_second) {
  if (!(tasks_per_second > 0)) {
    throw std::invalid_argument("constant_total_throughput: tasks per second must be positive");
  }
  constexpr std::chrono::duration<double> longest = std::chrono::hours(24);  // times any number of users
  const auto period = WaitTime::checked(std::min(longest, std::chrono::duration<double>(1 / tasks_per_second)));
  return {WaitTime::Kind::total_pacing, period, period};
}

WaitTime poisson(double rate) {
  if (!(rate > 0)) throw std::invalid_argument("poisson(rate): the rate must be positive");
  const auto mean = WaitTime::checked(std::chrono::duration<double>(1 / rate));
  return {WaitTime::Kind::poisson, mean, mean};
}

}  // namespace katydid
