#pragma once

#include <chrono>
#include <functional>
#include <memory>

namespace katydid {

/// What the control plane lives on: the time, timers, and what other threads hand over. In a process that is Asio's
/// io_context (AsioControlLoop); in tests/simulated it is a time of their own, in which an hour takes milliseconds.
class ControlLoop {
 public:
  using clock = std::chrono::steady_clock;

  /// Calls once, when its time has come. cancel(), another start() and its end take the call back, whenever they come.
  class Timer {
   public:
    virtual ~Timer() = default;
    virtual void start(std::chrono::nanoseconds delay, std::function<void()> call) = 0;
    virtual void cancel() = 0;
  };

  virtual clock::time_point now() const = 0;
  /// From any thread: calls it on the loop's own.
  virtual void post(std::function<void()> work) = 0;
  virtual std::unique_ptr<Timer> make_timer() = 0;

 protected:
  ~ControlLoop() = default;
};

}  // namespace katydid
