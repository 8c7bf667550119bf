#include "worker/user/wait_time.hpp"

#include "worker/user/random.hpp"

#include <algorithm>
#include <stdexcept>

namespace katydid {

std::minstd_rand& random_source() {
  thread_local std::minstd_rand source{std::random_device{}()};
  return source;
}

WaitTime::Duration WaitTime::next(User& user, State& state, std::chrono::steady_clock::time_point now) const {
  switch (kind_) {
    case Kind::constant:
      return low_;
    case Kind::between:
      return Duration(std::uniform_int_distribution<Duration::rep>(low_.count(), high_.count())(random_source()));
    case Kind::pacing: {
      // From start to start, so that waiting late once does not move all later ones.
      const auto due = state.last_start + low_;
      state.last_start = std::max(due, now);
      return state.last_start - now;
    }
    case Kind::function:
      return std::max(function_(user), Duration::zero());
  }
  return {};
}

namespace {
void require_not_negative(WaitTime::Duration duration) {
  if (duration < WaitTime::Duration::zero()) throw std::invalid_argument("a wait time must not be negative");
}
}  // namespace

WaitTime constant(WaitTime::Duration wait) {
  require_not_negative(wait);
  return {WaitTime::Kind::constant, wait, wait};
}

WaitTime between(WaitTime::Duration low, WaitTime::Duration high) {
  require_not_negative(low);
  if (low > high) throw std::invalid_argument("between(low, high): low is more than high");
  return {WaitTime::Kind::between, low, high};
}

WaitTime constant_pacing(WaitTime::Duration period) {
  require_not_negative(period);
  return {WaitTime::Kind::pacing, period, period};
}

WaitTime constant_throughput(double tasks_per_second) {
  if (!(tasks_per_second > 0)) throw std::invalid_argument("constant_throughput: tasks per second must be positive");
  return constant_pacing(
      std::chrono::duration_cast<WaitTime::Duration>(std::chrono::duration<double>(1 / tasks_per_second)));
}

}  // namespace katydid
