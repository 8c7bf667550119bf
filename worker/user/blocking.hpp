#pragma once

#include "net/context.hpp"
#include "net/join.hpp"

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace katydid {

class Loop;

namespace detail {

class BlockingWait;

/// A call that blocks, held by the thread that makes it and by the user who waits for it.
class BlockingCall : public std::enable_shared_from_this<BlockingCall> {
 public:
  virtual ~BlockingCall() = default;
  BlockingCall(const BlockingCall&) = delete;
  BlockingCall& operator=(const BlockingCall&) = delete;

  /// On a thread of the pool.
  void run() noexcept;
  void rethrow() {
    if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

 protected:
  BlockingCall() = default;

 private:
  friend BlockingWait;
  virtual void call() = 0;

  std::mutex mutex_;
  Loop* loop_ = nullptr;  // of whoever waits; guarded, and held while posting, so that the loop stays for that long
  BlockingWait* waiting_ = nullptr;  // the loop's thread only
  std::exception_ptr thrown_;
};

class BlockingWait {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    suspend(waiting, *waiting.promise().context);
  }

 protected:
  explicit BlockingWait(std::shared_ptr<BlockingCall> call) : call_(std::move(call)) {}
  BlockingWait(BlockingWait&& before_its_await) noexcept : call_(std::move(before_its_await.call_)) {}
  BlockingWait& operator=(BlockingWait&&) = delete;
  ~BlockingWait();

  std::shared_ptr<BlockingCall> call_;

 private:
  friend BlockingCall;
  void suspend(std::coroutine_handle<> waiting, Context& context);
  void leave();
  void done();

  Context* context_ = nullptr;  // while it waits
  std::coroutine_handle<> waiting_;
};

template <class F>
class [[nodiscard("co_await is missing")]] Blocking final : public BlockingWait {
 public:
  using Result = std::remove_cvref_t<std::invoke_result_t<F&>>;

  explicit Blocking(F&& work) : BlockingWait(std::make_shared<Call>(std::move(work))) {}
  Blocking(Blocking&&) noexcept = default;

  Result await_resume() {
    Call& call = static_cast<Call&>(*call_);
    call.rethrow();
    if constexpr (!std::is_void_v<Result>) return std::move(*call.result);
  }

 private:
  struct Call final : BlockingCall {
    explicit Call(F&& f) : work(std::move(f)) {}
    void call() override {
      F own = std::move(work);  // what it captured goes when it is done, on this thread
      if constexpr (std::is_void_v<Result>) {
        own();
      } else {
        result.emplace(own());
      }
    }
    F work;
    std::optional<Something<Result>> result;
  };
};

}  // namespace detail

/// `const int rows = co_await blocking([query] { return database.run(query); });` for libraries that block: calls it on
/// another thread while the user waits, and gives what it returns or throws. There are 32 threads at the most in a
/// process, made when they are needed; while all are busy, calls wait for one, and a warning says how many.
///
/// Let it capture by value. It runs beside this user and all others, and it goes on when the user is cancelled: then
/// what it returns is dropped. So it must not touch the user, the task's variables, or anything of Katydid's but the
/// log. A user who is to stop while it waits is given the same moment for it as for a request.
template <class F>
auto blocking(F&& work) {
  using Work = std::remove_cvref_t<F>;
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
  static_assert(std::is_lvalue_reference_v<F> || std::is_trivially_destructible_v<Work>,
                "GCC 12 destroys twice what a lambda has captured that stands in a co_await. Name it first: "
                "auto call = [text] { … }; co_await blocking(call);");
#endif
  return detail::Blocking<Work>(Work(std::forward<F>(work)));
}

/// From any thread, before or while there are calls; fewer than there are count from the next process on.
void set_blocking_threads(std::size_t most);

}  // namespace katydid
