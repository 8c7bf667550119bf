#pragma once

#include <chrono>
#include <concepts>
#include <functional>

namespace katydid {

class User;

/// What a user class says of the time between two tasks; the names are Locust's.
class WaitTime {
 public:
  using Duration = std::chrono::steady_clock::duration;
  using Function = std::function<Duration(User&)>;

  /// No wait, Locust's default.
  WaitTime() = default;
  /// A function of the user: `[](User&) { return 1s; }`.
  template <std::invocable<User&> F>
  WaitTime(F function) : kind_(Kind::function), function_(std::move(function)) {}

  /// What one user must remember between its waits.
  struct State {
    std::chrono::steady_clock::time_point last_start{};
  };
  Duration next(User& user, State& state, std::chrono::steady_clock::time_point now) const;

 private:
  enum class Kind { constant, between, pacing, function };
  WaitTime(Kind kind, Duration low, Duration high) : kind_(kind), low_(low), high_(high) {}
  friend WaitTime constant(Duration);
  friend WaitTime between(Duration, Duration);
  friend WaitTime constant_pacing(Duration);

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

}  // namespace katydid
