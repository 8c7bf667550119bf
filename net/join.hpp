#pragma once

#include "base/task.hpp"

#include <coroutine>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

namespace katydid {

struct Context;

namespace detail {

/// What runs children: each ends by `co_await parent.ended(…)`, where it stays until its frame is destroyed.
class Parent {
 public:
  /// A child is suspended and done; gives the coroutine that goes on in its place.
  virtual std::coroutine_handle<> child_ended(std::size_t child, std::exception_ptr thrown) = 0;

  class Ended {
   public:
    Ended(Parent& parent, std::size_t child, std::exception_ptr thrown)
        : parent_(parent), child_(child), thrown_(std::move(thrown)) {}
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<>) {
      return parent_.child_ended(child_, std::move(thrown_));
    }
    void await_resume() const noexcept {}

   private:
    Parent& parent_;
    std::size_t child_;
    std::exception_ptr thrown_;
  };

 protected:
  ~Parent() = default;
};

/// Children that one coroutine waits for: until so many have ended, or one has thrown. It then destroys the others, and
/// that coroutine goes on.
class Join final : Parent {
 public:
  explicit Join(std::size_t needed) : needed_(needed) {}
  Join(const Join&) = delete;
  Join& operator=(const Join&) = delete;

  Parent& parent() { return *this; }
  /// Starts them, in order, until what is needed has ended. Gives the coroutine that goes on. Both must outlive this.
  std::coroutine_handle<> start(task<>* children, std::size_t count, std::coroutine_handle<> waiting, Context& context);
  void rethrow() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  /// The first that ended.
  std::size_t first() const { return first_; }

 private:
  std::coroutine_handle<> child_ended(std::size_t child, std::exception_ptr thrown) override;
  bool over() const { return thrown_ || ended_ >= needed_; }
  void cancel_all_but(std::size_t child);

  task<>* children_ = nullptr;
  std::size_t count_ = 0, needed_, ended_ = 0, first_ = 0;
  bool starting_ = false;
  Context* context_ = nullptr;
  std::coroutine_handle<> waiting_;
  std::exception_ptr thrown_;
};

/// What `co_await` of it gives. @{
template <class Awaitable>
decltype(auto) awaiter_of(Awaitable&& awaitable) {
  if constexpr (requires { std::forward<Awaitable>(awaitable).operator co_await(); }) {
    return std::forward<Awaitable>(awaitable).operator co_await();
  } else {
    return std::forward<Awaitable>(awaitable);
  }
}
template <class Awaitable>
using Awaited = std::remove_cvref_t<decltype(awaiter_of(std::declval<Awaitable>()).await_resume())>;
/// @}

/// In the place of a result that is void.
template <class T>
using Something = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Awaits something on behalf of a parent, and gives what came of it to `keep`.
template <class Awaitable, class Keep>
task<> run_child(Awaitable awaitable, Keep keep, Parent& parent, std::size_t child) {
  std::exception_ptr thrown;
  try {
    Awaitable own = std::move(awaitable);  // gone when it is done, not when its parent is
    if constexpr (std::is_void_v<Awaited<Awaitable>>) {
      co_await std::move(own);
      keep();
    } else {
      keep(co_await std::move(own));
    }
  } catch (...) {
    thrown = std::current_exception();
  }
  co_await Parent::Ended(parent, child, std::move(thrown));
}

}  // namespace detail
}  // namespace katydid
