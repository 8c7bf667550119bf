#pragma once

#include "net/loop_lag.hpp"
#include "net/reactor/reactor.hpp"
#include "net/timer_queue.hpp"

#include <chrono>

namespace katydid {

/// Measures a loop's lag by an event of its own, fifty times a second: from the moment at which it was due, and not
/// from when the loop came to look at it, up to the time stamp of the turn that handles it. So it is late by as much as
/// an answer would be that arrived at that moment, and a loop that was blocked owns up to all of it.
///
/// On Linux the event is the kernel's (a timerfd), which queues behind the descriptors that were ready before it and
/// makes no turn of the loop dearer; elsewhere it is a timer of the loop.
class LagProbe {
 public:
  using clock = Reactor::clock;

  /// `now` is the time stamp of the loop's turn. All three outlive the probe.
  LagProbe(Reactor& reactor, TimerQueue& timers, const clock::time_point& now);
  ~LagProbe();
  LagProbe(const LagProbe&) = delete;
  LagProbe& operator=(const LagProbe&) = delete;

  /// On the loop's thread.
  void start();
  void stop();

  /// What was measured since the last call.
  LoopLag take();

 private:
  void arm();
  void handle();

  const clock::time_point& now_;
  clock::time_point due_{};
  LoopLag lag_;
#if defined(__linux__)
  struct Event : Watch {
    LagProbe* probe;
  };
  Reactor& reactor_;
#else
  struct Event : Timer {
    explicit Event(LagProbe& p) : Timer(&Event::fired), probe(p) {}
    static void fired(Timer& self) { static_cast<Event&>(self).probe.handle(); }
    LagProbe& probe;
  };
  TimerQueue& timers_;
#endif
  Event event_;
};

}  // namespace katydid
