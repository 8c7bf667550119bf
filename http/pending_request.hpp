#pragma once

#include "http/response.hpp"
#include "net/context.hpp"

#include <coroutine>
#include <utility>

namespace katydid {

/// What a client's get() and the others return: to be awaited at once, or handed to all(), any() or a TaskGroup.
/// Destroyed before its time, it ends the request.
template <class Transfer>
class [[nodiscard("co_await is missing")]] PendingRequest {
 public:
  explicit PendingRequest(Transfer& transfer) noexcept : transfer_(&transfer) {}
  PendingRequest(PendingRequest&& other) noexcept : transfer_(std::exchange(other.transfer_, nullptr)) {}
  PendingRequest& operator=(PendingRequest&&) = delete;
  ~PendingRequest();

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> waiting) {
    start(waiting, *waiting.promise().context);
  }
  Response await_resume();
  /// Nothing of it was sent, as it waits for a connection that others use.
  bool waits_for_connection() const { return transfer_->waits_for_connection(); }

 private:
  void start(std::coroutine_handle<> waiting, Context& context);

  Transfer* transfer_;
};

}  // namespace katydid
