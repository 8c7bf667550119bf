#pragma once

#include <coroutine>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <utility>

namespace katydid::target {

namespace detail {

/// GCC 12 lays out the frame of a coroutine wrongly that awaits in the condition of an `if` or a loop and has no local
/// variable; resumed, it runs on garbage. Name the result instead. This catches one that was overlooked.
inline thread_local void* last_frame = nullptr;
inline void check_frame(void* frame) {
  if (frame == last_frame) return;
  std::fputs("this coroutine was miscompiled: give it a local variable (see task.hpp)\n", stderr);
  std::abort();
}

struct Promise {
  static void* operator new(std::size_t size) { return last_frame = ::operator new(size); }
  static void operator delete(void* frame) { ::operator delete(frame); }

  std::coroutine_handle<> waiting;
  std::exception_ptr exception;

  std::suspend_never initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct Resume {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept { return waiting; }
      void await_resume() noexcept {}
      std::coroutine_handle<> waiting;
    };
    return Resume{waiting ? waiting : std::noop_coroutine()};
  }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct ValuePromise : Promise {
  std::optional<T> value;
  void return_value(T result) { value = std::move(result); }
  T take() { return std::move(*value); }
};

template <>
struct ValuePromise<void> : Promise {
  void return_void() noexcept {}
  void take() noexcept {}
};

}  // namespace detail

/// A coroutine that somebody awaits. It runs at once, up to where it has to wait: what needs no waiting costs its
/// awaiter no suspension, and a loop over such calls no stack.
template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type : detail::ValuePromise<T> {
    Task get_return_object() {
      const auto coroutine = std::coroutine_handle<promise_type>::from_promise(*this);
      detail::check_frame(coroutine.address());
      return Task(coroutine);
    }
  };

  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  bool await_ready() const noexcept { return coroutine_.done(); }
  void await_suspend(std::coroutine_handle<> waiting) noexcept { coroutine_.promise().waiting = waiting; }
  T await_resume() {
    auto& promise = coroutine_.promise();
    if (promise.exception) std::rethrow_exception(std::exchange(promise.exception, nullptr));
    return promise.take();
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}
  std::coroutine_handle<promise_type> coroutine_;
};

/// A coroutine that nobody awaits; it must not let exceptions out.
struct Detached {
  struct promise_type {
    Detached get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

}  // namespace katydid::target
