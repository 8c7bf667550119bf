#pragma once

#include "worker/control/control_loop.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace katydid::simulated {

using clock = ControlLoop::clock;

/// A time that passes as fast as its events can be carried out, one at a time, those of one moment in the order in
/// which they were asked for.
class VirtualTime {
 public:
  clock::time_point now() const { return now_; }
  void at(clock::time_point when, std::function<void()> call);
  void after(std::chrono::nanoseconds delay, std::function<void()> call) { at(now_ + delay, std::move(call)); }
  /// Carries out the next event that is due by then; false: there is none, and it is then.
  bool step(clock::time_point end);
  std::chrono::duration<double> passed() const { return now_ - start; }

 private:
  static constexpr clock::time_point start{std::chrono::hours(1)};  // clock's epoch means never in many places

  struct Event {
    clock::time_point when;
    std::uint64_t number;
    std::function<void()> call;
  };
  static bool later(const Event& a, const Event& b) { return a.when != b.when ? a.when > b.when : a.number > b.number; }

  clock::time_point now_ = start;
  std::uint64_t events_ = 0;
  std::vector<Event> queue_;  // a heap
};

/// A thread of a process in that time. With the process, all that it was still to do ends.
class VirtualThread final : public ControlLoop {
 public:
  explicit VirtualThread(VirtualTime& time) : time_(time) {}
  ~VirtualThread() { end(); }

  clock::time_point now() const override { return time_.now(); }
  void post(std::function<void()> work) override;
  std::unique_ptr<Timer> make_timer() override;
  /// Does nothing until then; what is to be done waits.
  void block_until(clock::time_point then) { free_ = std::max(free_, then); }
  void end() { *alive_ = false; }
  /// Whether it is there, for what is asked of the time itself.
  const std::shared_ptr<bool>& alive() const { return alive_; }

 private:
  VirtualTime& time_;
  clock::time_point free_{};  // not before
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace katydid::simulated
