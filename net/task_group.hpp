#pragma once

#include "net/join.hpp"
#include "net/timer_queue.hpp"

#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <limits>
#include <list>
#include <type_traits>
#include <utility>
#include <vector>

namespace katydid {

struct Context;

/// Tasks of one user that run at once, a limited number of them, as a browser has six connections:
///
///     TaskGroup group(6);
///     for (const auto& path : images) co_await group.run(client.get(path));
///     co_await group.finished();
///
/// Their results are dropped. When one throws, the others are cancelled, and the exception reaches the next run() or
/// finished(), which may be waiting already; then the group is empty and can be used again. Leaving the scope cancels
/// what still runs (all() has what that means for requests), and drops an exception that nobody has awaited.
///
/// It belongs to one user, stays where it is, and must outlive its run() and finished().
class TaskGroup final : detail::Parent, Timer {
 public:
  explicit TaskGroup(std::size_t limit = std::numeric_limits<std::size_t>::max());
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Of those that run now.
  std::size_t size() const { return running_; }

  class Waiter {
   public:
    Waiter(TaskGroup& group, bool for_place) : group_(group), for_place_(for_place) {}
    Waiter(Waiter&& before_its_await) noexcept : Waiter(before_its_await.group_, before_its_await.for_place_) {}
    Waiter& operator=(Waiter&&) = delete;
    ~Waiter();

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> waiting) {
      return suspend(waiting, *waiting.promise().context);
    }

   protected:
    std::coroutine_handle<> suspend(std::coroutine_handle<> waiting, Context& context);
    TaskGroup& group_;

   private:
    friend TaskGroup;
    bool for_place_;
    std::coroutine_handle<> waiting_{};  // while it is in the queue
  };

  class [[nodiscard("co_await is missing")]] Finished final : public Waiter {
   public:
    explicit Finished(TaskGroup& group) : Waiter(group, false) {}
    void await_resume() { group_.rethrow(); }
  };

  class [[nodiscard("co_await is missing")]] Run final : public Waiter {
   public:
    Run(TaskGroup& group, task<> child, std::size_t number)
        : Waiter(group, true), child_(std::move(child)), number_(number) {}
    void await_resume() {
      group_.rethrow();
      group_.start(std::move(child_), number_);
    }

   private:
    task<> child_;
    std::size_t number_;
  };

  /// Waits until there is a place, and starts it.
  template <class Awaitable>
  Run run(Awaitable&& awaitable) {
    static_assert(!std::is_lvalue_reference_v<Awaitable>, "a group takes over what it runs: run(std::move(mine))");
    const std::size_t number = next_++;
    return {*this,
            detail::run_child<std::remove_cvref_t<Awaitable>>(
                std::forward<Awaitable>(awaitable), [](auto&&...) {}, *this, number),
            number};
  }
  /// Waits until nothing of it runs.
  Finished finished() { return Finished(*this); }

 private:
  struct Child {
    task<> frame;
    std::size_t number;
  };

  std::coroutine_handle<> child_ended(std::size_t child, std::exception_ptr thrown) override;
  void start(task<> child, std::size_t number);
  void rethrow();
  bool may_go_on(const Waiter& waiter) const;
  std::coroutine_handle<> next();
  void cancel(std::size_t but);
  void wake_later();
  static void woken(Timer& timer);

  std::size_t limit_, next_ = 0, running_ = 0;
  int starting_ = 0;     // calls of start() that have not returned: then no other coroutine may be resumed or destroyed
  bool failed_ = false;  // thrown_ is there, and the others are to be cancelled
  Context* context_ = nullptr;
  std::list<Child> children_;
  std::vector<std::list<Child>::iterator> ended_;  // and not destroyed yet
  std::deque<Waiter*> waiters_;
  std::exception_ptr thrown_;
};

}  // namespace katydid
