#include "worker/user/blocking.hpp"

#include "base/signals_blocked.hpp"
#include "net/loop.hpp"
#include "worker/log/log.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.blocking"};
constexpr std::chrono::seconds between_warnings{10};

/// Never destroyed, its threads are detached, and nothing waits for them: a call may last as long as it likes.
class Pool {
 public:
  static Pool& shared() {
    static auto* const pool = new Pool;
    return *pool;
  }

  /// Throws std::system_error when there is no thread and none can be made.
  void start(std::shared_ptr<detail::BlockingCall> call) {
    std::unique_lock lock(mutex_);
    queue_.push_back(std::move(call));
    if (queue_.size() > idle_ && threads_ < most_) make_thread();
    changed_.notify_one();
    const std::size_t waiting = queue_.size() - std::min(queue_.size(), idle_);
    const std::size_t threads = threads_;
    if (waiting < threads || threads < most_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < warn_again_) return;
    warn_again_ = now + between_warnings;
    lock.unlock();
    logger.warning(
        "{} calls of blocking() wait for one of its {} threads, and their users with them. Use fewer users in each "
        "process, or more threads: set_blocking_threads()",
        waiting, threads);
  }

  void set_most(std::size_t most) {
    if (most == 0) throw std::invalid_argument("set_blocking_threads: there must be one at least");
    const std::lock_guard lock(mutex_);
    most_ = most;
  }

 private:
  void make_thread() {
    try {
      const SignalsBlocked blocked;
      std::thread([this] { work(); }).detach();
      ++threads_;
      ++idle_;  // until it takes its first call
    } catch (const std::system_error&) {
      if (threads_ > 0) return;  // one of those will come to it
      queue_.pop_back();
      throw;
    }
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return !queue_.empty(); });
      --idle_;
      auto call = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      call->run();
      call.reset();
      lock.lock();
      ++idle_;
    }
  }

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<std::shared_ptr<detail::BlockingCall>> queue_;
  std::size_t threads_ = 0, idle_ = 0, most_ = 32;
  std::chrono::steady_clock::time_point warn_again_{};
};

}  // namespace

namespace detail {

void BlockingCall::run() noexcept {
  try {
    call();
  } catch (...) {
    thrown_ = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  if (!loop_) return;
  loop_->post([self = shared_from_this()] {
    if (self->waiting_) self->waiting_->done();
  });
}

BlockingWait::~BlockingWait() {
  if (context_) leave();
}

void BlockingWait::suspend(std::coroutine_handle<> waiting, Context& context) {
  if (context.parks()) return;
  waiting_ = waiting;
  call_->waiting_ = this;
  call_->loop_ = &context.loop;
  Pool::shared().start(call_);
  context_ = &context;
  ++context.requests_in_flight;
}

void BlockingWait::leave() {
  {
    const std::lock_guard lock(call_->mutex_);
    call_->loop_ = nullptr;
  }
  call_->waiting_ = nullptr;
  std::exchange(context_, nullptr)->request_done();
}

void BlockingWait::done() {
  leave();
  waiting_.resume();
}

}  // namespace detail

void set_blocking_threads(std::size_t most) { Pool::shared().set_most(most); }

}  // namespace katydid
