#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <utility>

namespace katydid {

class User;

/// What a user class says of the time between two tasks; the names are Locust's.
class WaitTime {
 public:
  using Duration = std::chrono::steady_clock::duration;
  using Function = std::function<Duration(User&)>;

  /// No wait, Locust's default.
  WaitTime() = default;
  /// A function of the user, that returns a duration: `[](User&) { return 1s; }`. What it throws is reported, and ends
  /// the user.
  template <std::invocable<User&> F>
  WaitTime(F function)
      : kind_(Kind::function), function_([f = std::move(function)](User& user) mutable { return checked(f(user)); }) {}

  /// In the clock's unit, and no longer than a clock can tell. Throws std::invalid_argument for what is no number: nan,
  /// or the integer that it becomes.
  template <class Rep, class Period>
  static Duration checked(std::chrono::duration<Rep, Period> wait) {
    if constexpr (std::chrono::treat_as_floating_point_v<Rep>) {
      if (wait.count() != wait.count()) refuse();  // not a number
    } else if (wait < wait.zero() && wait == wait.min()) {
      refuse();
    }
    constexpr std::chrono::duration<double> longest = std::chrono::hours(24 * 365 * 100);
    if (wait > longest) return std::chrono::duration_cast<Duration>(longest);
    if (wait < -longest) return -std::chrono::duration_cast<Duration>(longest);
    return std::chrono::duration_cast<Duration>(wait);
  }

  /// What one user must remember between its waits.
  struct State {
    std::chrono::steady_clock::time_point last_start{};
  };
  /// May be negative, when a function's was.
  /// `fleet`: how many users of the class there are on all workers.
  Duration next(User& user, State& state, std::int64_t fleet = 1) const;

 private:
  [[noreturn]] static void refuse();

  enum class Kind { constant, between, pacing, total_pacing, poisson, function };
  WaitTime(Kind kind, Duration low, Duration high) : kind_(kind), low_(low), high_(high) {}
  friend WaitTime constant(Duration);
  friend WaitTime between(Duration, Duration);
  friend WaitTime constant_pacing(Duration);
  friend WaitTime constant_total_throughput(double);
  friend WaitTime poisson(double);

  Kind kind_ = Kind::constant;
  Duration low_{}, high_{};
  Function function_;
};

WaitTime constant(WaitTime::Duration wait);
/// Evenly distributed; throws std::invalid_argument when low > high.
WaitTime between(WaitTime::Duration low, WaitTime::Duration high);
/// A task starts every `period`, or at once when the last one took longer.
WaitTime constant_pacing(WaitTime::Duration period);
/// At most `tasks_per_second` task runs per user and second.
WaitTime constant_throughput(double tasks_per_second);
/// At most `tasks_per_second` task runs a second of all users of the class together, on all workers, as locust-plugins
/// has it. Unlike an arrival rate, it waits for the users: it falls when they can't keep up.
WaitTime constant_total_throughput(double tasks_per_second);
/// Exponentially distributed, `1 / rate` seconds on average: tasks come as real users do, in bursts and with pauses.
/// Throws std::invalid_argument for a rate that is not positive.
WaitTime poisson(double rate);

}  // namespace katydid
