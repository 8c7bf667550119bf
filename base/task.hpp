#pragma once

#include "base/frame_check.hpp"
#include "base/frame_pool.hpp"

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace katydid {

struct Context;

template <class T = void>
class task;

namespace detail {

struct TaskPromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  Context* context = nullptr;
  std::exception_ptr exception;

  static void* operator new(std::size_t size) { return note_frame(FramePool::allocate(size), size); }
  static void operator delete(void* frame, std::size_t size) noexcept { FramePool::release(frame, size); }

  struct Final {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) noexcept {
      return done.promise().continuation;
    }
    void await_resume() noexcept {}
  };

  std::suspend_always initial_suspend() noexcept { return {}; }
  Final final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct TaskPromise : TaskPromiseBase {
  std::optional<T> value;
  task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(std::exchange(exception, nullptr));
    return std::move(*value);
  }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
  task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() {
    if (exception) std::rethrow_exception(std::exchange(exception, nullptr));
  }
};

}  // namespace detail

/// A coroutine of a user: starts when awaited, resumes its awaiter when done, and passes on what it threw.
/// Whoever holds the task owns its frame: destroying a task that is suspended destroys everything that it awaits, which
/// is how a user is cancelled. A task inherits the Context of the task that awaits it.
template <class T>
class [[nodiscard("co_await is missing")]] task {
 public:
  using promise_type = detail::TaskPromise<T>;
  using Handle = std::coroutine_handle<promise_type>;

  task() noexcept = default;
  explicit task(Handle frame) noexcept : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      if (frame_) frame_.destroy();
      frame_ = std::exchange(other.frame_, nullptr);
    }
    return *this;
  }
  task(const task&) = delete;
  task& operator=(const task&) = delete;
  ~task() {
    if (frame_) frame_.destroy();
  }

  /// Starts a task that nobody awaits: `continuation` is resumed when it is done.
  void start(Context& context, std::coroutine_handle<> continuation = std::noop_coroutine()) {
    frame_.promise().context = &context;
    frame_.promise().continuation = continuation;
    frame_.resume();
  }
  bool done() const noexcept { return !frame_ || frame_.done(); }
  explicit operator bool() const noexcept { return static_cast<bool>(frame_); }
  /// The result of a task that is done; throws what it threw.
  T result() { return frame_.promise().take(); }

  struct Awaiter {
    Handle frame;
    explicit Awaiter(Handle h) noexcept : frame(h) {}
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    Handle await_suspend(std::coroutine_handle<Promise> awaiting) noexcept {
      frame.promise().continuation = awaiting;
      frame.promise().context = awaiting.promise().context;
      return frame;
    }
    T await_resume() { return frame.promise().take(); }
  };
  Awaiter operator co_await() && noexcept { return Awaiter{frame_}; }
  Awaiter operator co_await() & noexcept { return Awaiter{frame_}; }

 private:
  Handle frame_ = nullptr;
};

namespace detail {
template <class T>
task<T> TaskPromise<T>::get_return_object() noexcept {
  const auto frame = std::coroutine_handle<TaskPromise<T>>::from_promise(*this);
  check_frame(frame);
  return task<T>{frame};
}
inline task<void> TaskPromise<void>::get_return_object() noexcept {
  const auto frame = std::coroutine_handle<TaskPromise<void>>::from_promise(*this);
  check_frame(frame);
  return task<void>{frame};
}
}  // namespace detail

}  // namespace katydid
