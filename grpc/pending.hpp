#pragma once

#include "grpc/typed_call.hpp"

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace katydid {

/// How a call with one reply ended. It never throws: what went wrong is in the status, and in the statistics.
template <class Reply>
class [[nodiscard]] GrpcResult {
 public:
  explicit GrpcResult(std::shared_ptr<GrpcTypedCall<Reply>> call) : call_(std::move(call)) {}
  GrpcResult(GrpcResult&&) noexcept = default;
  GrpcResult& operator=(GrpcResult&&) = delete;
  ~GrpcResult() {
    if (call_) call_->settle();
  }

  bool ok() const { return status().ok(); }
  explicit operator bool() const { return ok(); }
  const GrpcStatus& status() const { return call_->status(); }
  GrpcCode code() const { return status().code; }
  /// The reply; an empty one when the call has failed. @{
  Reply& operator*() { return call_->only(); }
  Reply* operator->() { return &call_->only(); }
  /// @}
  const GrpcMetadata& initial_metadata() const { return call_->initial_metadata(); }
  const GrpcMetadata& trailing_metadata() const { return call_->trailing_metadata(); }
  std::chrono::nanoseconds elapsed() const { return call_->elapsed(); }

  /// With `.catch_response = true` you judge it, as with Locust's: it is counted by these, or else by its status when
  /// this goes. @{
  void success() { call_->settle({}); }
  void failure(std::string_view why) { call_->settle(why); }
  /// @}

 private:
  std::shared_ptr<GrpcTypedCall<Reply>> call_;
};

/// What the functions of gRPC return: to be awaited at once, or handed to all(), any() or a TaskGroup.
class PendingOnGrpc : public GrpcOperation {
 public:
  PendingOnGrpc(std::shared_ptr<GrpcCall> call, Kind what)
      : GrpcOperation(std::move(call), what, &PendingOnGrpc::resume) {}
  PendingOnGrpc(PendingOnGrpc&&) noexcept = default;

  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) {
    Context& context = *waiting.promise().context;
    if (context.parks()) return true;
    waiting_ = waiting;
    return !begin(context);
  }

 private:
  static void resume(GrpcOperation& operation) { static_cast<PendingOnGrpc&>(operation).waiting_.resume(); }

  std::coroutine_handle<> waiting_;
};

template <class Reply>
class [[nodiscard("co_await is missing")]] PendingGrpcResult : public PendingOnGrpc {
 public:
  explicit PendingGrpcResult(std::shared_ptr<GrpcTypedCall<Reply>> call)
      : PendingOnGrpc(call, Kind::end), typed_(std::move(call)) {}
  GrpcResult<Reply> await_resume() {
    GrpcResult<Reply> result(std::move(typed_));
    call().rethrow();
    return result;
  }

 private:
  std::shared_ptr<GrpcTypedCall<Reply>> typed_;
};

class [[nodiscard("co_await is missing")]] PendingGrpcStatus : public PendingOnGrpc {
 public:
  explicit PendingGrpcStatus(std::shared_ptr<GrpcCall> call) : PendingOnGrpc(std::move(call), Kind::end) {}
  GrpcStatus await_resume() {
    call().rethrow();
    return call().status();
  }
};

template <class Reply>
class [[nodiscard("co_await is missing")]] PendingGrpcRead : public PendingOnGrpc {
 public:
  explicit PendingGrpcRead(std::shared_ptr<GrpcCall> call) : PendingOnGrpc(std::move(call), Kind::read) {}
  std::optional<Reply> await_resume() {
    if (success) return static_cast<GrpcTypedCall<Reply>&>(call()).next();
    call().rethrow();
    return std::nullopt;
  }
};

class [[nodiscard("co_await is missing")]] PendingGrpcWrite : public PendingOnGrpc {
 public:
  PendingGrpcWrite(std::shared_ptr<GrpcCall> call, std::string message) : PendingOnGrpc(std::move(call), Kind::write) {
    payload = std::move(message);
  }
  bool await_resume() {
    if (!success) call().rethrow();
    return success;
  }
};

}  // namespace katydid
