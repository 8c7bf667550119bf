#pragma once

#include "net/context.hpp"
#include "net/idle_polling.hpp"
#include "net/lag_probe.hpp"
#include "net/reactor/reactor.hpp"
#include "net/timer_queue.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// The event loop of a shard: descriptors, timers and resumed coroutines on one thread.
///
/// It holds no Asio or libcurl type, and another loop can host it, when it was made for that: wait until descriptor()
/// is readable, at most until next_deadline(), then call poll(). In the C++ worker it runs itself, by run(). All but
/// post() and stop() belong to the loop's thread.
class Loop {
 public:
  using clock = std::chrono::steady_clock;

  explicit Loop(EventLoop kind = EventLoop::automatic, Waiting waiting = Waiting::inside);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Turns until stop().
  void run();
  /// One turn that does not block.
  void poll();
  /// Hands to the kernel what was begun outside poll(), where another loop hosts this one.
  void submit() { reactor_->submit(); }
  /// Ends run(); from any thread.
  void stop();
  /// Readable when poll() has something to do (timers apart: see next_deadline()).
  int descriptor() const;
  clock::time_point next_deadline() const;
  EventLoop kind() const { return reactor_->kind(); }

  /// Whether run() asks the kernel again and again in place of sleeping: what is due is served within microseconds, and
  /// a core is busy with it.
  void busy_poll(bool on) { busy_polls_ = on; }
  /// For how long that found nothing to do since the last call.
  std::chrono::nanoseconds take_idle_polling() { return idle_polling_.take(); }

  /// When the kernel handed over this turn's events.
  clock::time_point now() const { return now_; }
  /// How far run() was behind since the last call.
  LoopLag take_lag() { return probe_.take(); }
  /// Begins to measure it, where another loop hosts this one; run() does by itself.
  void measure_lag() { probe_.start(); }
  /// Counts turns: tells whether the loop had a chance to run since.
  std::uint64_t turn() const { return turn_; }

  /// Runs `work` on the loop's thread; from any thread.
  void post(std::function<void()> work);

  /// Calls `work` after this turn's events, when no coroutine of a user is running.
  void defer(std::function<void()> work);

  void arm(Timer& timer, clock::time_point when) { timers_.arm(timer, when); }
  void disarm(Timer& timer) { timers_.disarm(timer); }

  void watch(Watch& watch, Interest interest) { reactor_->watch(watch, interest); }
  void change(Watch& watch, Interest interest) { reactor_->change(watch, interest); }
  void unwatch(Watch& watch) { reactor_->unwatch(watch); }

  /// See Reactor::connect().
  StreamPointer connect(StreamOwner& owner, const SocketAddress& address, const SocketAddress* source = nullptr) {
    return reactor_->connect(owner, address, source);
  }

 private:
  void turn(bool block);
  void run_posted();

  struct Wake : Watch {
    Loop* loop;
  };

  std::unique_ptr<Reactor> reactor_;
  TimerQueue timers_;
  std::vector<std::function<void()>> deferred_, deferring_;
  clock::time_point now_ = clock::now();
  std::uint64_t turn_ = 0;
  bool stopped_ = false;
  bool busy_polls_ = false;
  bool idle_ = false;  // nothing was done in the last turn
  IdlePolling idle_polling_;
  LagProbe probe_{*reactor_, timers_, now_};

  std::mutex mutex_;  // guards posted_ only
  std::vector<std::function<void()>> posted_;
  Wake wake_;
  int wake_write_ = -1;
};

}  // namespace katydid
