#pragma once

#include "net/context.hpp"
#include "net/loop.hpp"

#include <coroutine>

namespace katydid {

/// `if (!co_await readable(fd, 5s)) …`: waits for a descriptor of the user's own (a socket in another protocol,
/// non-blocking). True when it is ready, false when the time ran out. One wait per descriptor at a time.
class DescriptorReady : Watch, Timer {
 public:
  DescriptorReady(int fd, Interest interest, Loop::clock::duration timeout)
      : Watch(fd, &DescriptorReady::on_ready),
        Timer(&DescriptorReady::on_timeout),
        interest_(interest),
        timeout_(timeout) {}
  DescriptorReady(DescriptorReady&& before_its_await) noexcept
      : DescriptorReady(before_its_await.descriptor, before_its_await.interest_, before_its_await.timeout_) {}
  ~DescriptorReady() { finish(); }

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    suspend(waiting, *waiting.promise().context);
  }
  bool await_resume() const noexcept { return ready_; }

 private:
  void suspend(std::coroutine_handle<> waiting, Context& context) {
    if (context.parks()) return;
    waiting_ = waiting;
    context.loop.watch(*this, interest_);
    context_ = &context;
    if (timeout_ < Loop::clock::duration::max()) context.loop.arm(*this, Loop::clock::now() + timeout_);
  }
  void finish() {
    if (!context_) return;
    context_->loop.unwatch(*this);
    context_->loop.disarm(*this);
    context_ = nullptr;
  }
  void resume(bool is_ready) {
    finish();
    ready_ = is_ready;
    waiting_.resume();
  }
  static void on_ready(Watch& watch, Ready) { static_cast<DescriptorReady&>(watch).resume(true); }
  static void on_timeout(Timer& timer) { static_cast<DescriptorReady&>(timer).resume(false); }

  Interest interest_;
  Loop::clock::duration timeout_;
  Context* context_ = nullptr;
  std::coroutine_handle<> waiting_;
  bool ready_ = false;
};

inline DescriptorReady readable(int fd, Loop::clock::duration timeout = Loop::clock::duration::max()) {
  return {fd, {.read = true}, timeout};
}
inline DescriptorReady writable(int fd, Loop::clock::duration timeout = Loop::clock::duration::max()) {
  return {fd, {.write = true}, timeout};
}

}  // namespace katydid
