#pragma once

#include "base/recorder.hpp"
#include "net/context.hpp"
#include "net/loop.hpp"
#include "net/timer_queue.hpp"
#include "worker/user/arrival_rate.hpp"
#include "worker/user/random.hpp"

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <optional>
#include <string>

namespace katydid {

/// Lets users of one class on one shard begin their tasks when they are due, whoever else is still busy. An arrival
/// that finds no user free is dropped and counted, under the name of the class with the method DROPPED. The user that
/// became free last is taken first, so that no more of them are used, and no more connections, than the load needs.
class Arrivals {
 public:
  using clock = Loop::clock;
  static constexpr std::string_view dropped_method = "DROPPED";

  /// A user that has nothing to do. Its owner calls wait(), and leave() before it goes.
  struct Idle {
    /// Its task was due then. It waits no longer.
    using Arrived = void (*)(Idle&, clock::time_point due);
    explicit Idle(Arrived a) : arrived(a) {}
    Idle(const Idle&) = delete;
    Idle& operator=(const Idle&) = delete;

    Arrived arrived;
    Idle* newer = nullptr;
    Idle* older = nullptr;
    bool waits = false;
  };

  /// `rate` is that of the whole test. What is dropped goes to `recorder`. Both must outlive this.
  Arrivals(Loop& loop, const ArrivalRate& rate, Recorder& recorder, std::string user_class, std::uint64_t seed);
  ~Arrivals();
  Arrivals(const Arrivals&) = delete;
  Arrivals& operator=(const Arrivals&) = delete;

  /// Its part of the rate, from 0 to 1, from now on, and how many users there are to be. `first`: how much of the gap
  /// to its first arrival is over, so that shards do not send at the same time.
  void set_part(double part, std::int64_t users, double first = 0);
  /// One more user waits for its first task, or has ended before: its on_start is done. As long as some are missing,
  /// there is so much less than the part, or what comes before they are there would be dropped. The test's time begins
  /// with the first one.
  void user_is_ready();
  /// The time begins again; with a seed, so does chance.
  void begin_test(std::optional<std::uint64_t> seed = {});

  void wait(Idle& idle);
  void leave(Idle& idle);

  /// `const auto due = co_await arrivals.next();`
  class Next;
  Next next();

 private:
  void update();
  /// Of the rate, now.
  double share() const;
  void arm(double from);
  void give(clock::time_point due);
  void serve();
  double gap();

  struct Due : Timer {
    explicit Due(Arrivals& a) : Timer([](Timer& timer) { static_cast<Due&>(timer).arrivals.serve(); }), arrivals(a) {}
    Arrivals& arrivals;
  };

  Loop& loop_;
  ArrivalRate rate_;
  Recorder& recorder_;
  std::string user_class_;
  RandomSource random_;
  double part_ = 0;
  double first_ = 0;
  std::int64_t users_ = 0, ready_ = 0;
  double share_ = 0;  // by which arrivals are counted
  bool begun_ = false;
  clock::time_point start_{};
  double counted_ = 0;  // seconds after the start, up to which arrivals are counted
  double left_ = 0;     // arrivals until the next one, from there
  double due_ = 0;      // of the next one, in seconds after the start
  Idle* newest_ = nullptr;
  Due timer_{*this};
};

class [[nodiscard("co_await is missing")]] Arrivals::Next final : Idle {
 public:
  explicit Next(Arrivals& arrivals) : Idle(&Next::resume), arrivals_(arrivals) {}
  ~Next() { arrivals_.leave(*this); }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    if (waiting.promise().context->parks()) return;
    waiting_ = waiting;
    arrivals_.wait(*this);
  }
  /// When the task was due.
  clock::time_point await_resume() const noexcept { return due_; }

 private:
  static void resume(Idle& idle, clock::time_point due) {
    auto& next = static_cast<Next&>(idle);
    next.due_ = due;
    next.waiting_.resume();
  }

  Arrivals& arrivals_;
  std::coroutine_handle<> waiting_;
  clock::time_point due_{};
};

inline Arrivals::Next Arrivals::next() { return Next(*this); }

}  // namespace katydid
