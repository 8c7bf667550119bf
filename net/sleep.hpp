#pragma once

#include "net/context.hpp"
#include "net/loop.hpp"

#include <chrono>
#include <coroutine>

namespace katydid {

/// `co_await sleep(100ms)`: suspends the user, not the shard.
class [[nodiscard("co_await is missing")]] Sleep : Timer {
 public:
  explicit Sleep(Loop::clock::duration duration) : Timer(&Sleep::wake), duration_(duration) {}
  Sleep(Sleep&& before_its_await) noexcept : Sleep(before_its_await.duration_) {}
  ~Sleep() {
    if (armed()) context_->loop.disarm(*this);
  }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    suspend(waiting, *waiting.promise().context);
  }
  void await_resume() const noexcept {}

 private:
  void suspend(std::coroutine_handle<> waiting, Context& context) {
    if (context.parks()) return;
    waiting_ = waiting;
    context_ = &context;
    context.loop.arm(*this, Loop::clock::now() + duration_);
  }
  static void wake(Timer& timer) { static_cast<Sleep&>(timer).waiting_.resume(); }

  Loop::clock::duration duration_;
  Context* context_ = nullptr;
  std::coroutine_handle<> waiting_;
};

inline Sleep sleep(Loop::clock::duration duration) { return Sleep(duration); }

/// Lets the other users run: the coroutine goes on in the loop's next turn.
inline Sleep yield() { return Sleep(Loop::clock::duration::zero()); }

/// `Context& context = co_await current_context();` for libraries that start operations of their own.
class CurrentContext {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) noexcept {
    context_ = waiting.promise().context;
    return false;
  }
  Context& await_resume() const noexcept { return *context_; }

 private:
  Context* context_ = nullptr;
};

inline CurrentContext current_context() { return {}; }

}  // namespace katydid
