#pragma once

#include "tests/simulated/virtual_time.hpp"

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace katydid::simulated {

/// One of gevent's, for the model of a master, which is written as Locust's own code is: it sleeps, waits for others,
/// and ends when whoever holds it lets go.
class [[nodiscard]] Greenlet {
 public:
  struct promise_type {
    std::coroutine_handle<> waiting;

    Greenlet get_return_object() { return Greenlet(Handle::from_promise(*this)); }
    std::suspend_always initial_suspend() noexcept { return {}; }
    auto final_suspend() noexcept {
      struct HandOver {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(Handle ended) noexcept {
          const auto next = ended.promise().waiting;
          return next ? next : std::noop_coroutine();
        }
        void await_resume() noexcept {}
      };
      return HandOver{};
    }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  using Handle = std::coroutine_handle<promise_type>;

  Greenlet() = default;
  Greenlet(Greenlet&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Greenlet& operator=(Greenlet&& other) noexcept {
    kill();
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
  }
  ~Greenlet() { kill(); }

  void start() { handle_.resume(); }
  bool done() const { return !handle_ || handle_.done(); }
  void kill() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

  auto operator co_await() && {
    struct Wait {
      Handle child;
      bool await_ready() { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> parent) {
        child.promise().waiting = parent;
        return child;
      }
      void await_resume() {}
    };
    return Wait{handle_};
  }

 private:
  explicit Greenlet(Handle handle) : handle_(handle) {}
  Handle handle_;
};

/// `co_await Sleep(thread, 1s);`
class [[nodiscard]] Sleep {
 public:
  Sleep(ControlLoop& thread, std::chrono::nanoseconds delay) : timer_(thread.make_timer()), delay_(delay) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> sleeping) {
    timer_->start(delay_, [sleeping] { sleeping.resume(); });
  }
  void await_resume() {}

 private:
  std::unique_ptr<ControlLoop::Timer> timer_;
  std::chrono::nanoseconds delay_;
};

}  // namespace katydid::simulated
