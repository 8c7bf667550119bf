#pragma once

#include <asio/basic_socket_acceptor.hpp>
#include <asio/basic_stream_socket.hpp>
#include <asio/basic_waitable_timer.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>

#include <chrono>
#include <coroutine>
#include <system_error>

/// Asio's types with the loop's own executor: the type-erased default costs an allocation and a virtual call per
/// operation.
namespace katydid::target {

using Executor = asio::io_context::executor_type;
using Clock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

/// One protocol for TCP over IPv4 and IPv6 and for Unix sockets.
using Stream = asio::generic::stream_protocol;
using Socket = asio::basic_stream_socket<Stream, Executor>;
using Acceptor = asio::basic_socket_acceptor<Stream, Executor>;

/// How an operation of Asio ended.
struct Completion {
  std::error_code error;
  std::size_t bytes = 0;
};

/// Awaits an operation of Asio: `start` is called with the handler to pass to it.
template <class Start>
class Operation {
 public:
  explicit Operation(Start start) : start_(std::move(start)) {}

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    start_([this, waiting](std::error_code error, std::size_t bytes = 0) {
      completion_ = {error, bytes};
      waiting.resume();
    });
  }
  Completion await_resume() const noexcept { return completion_; }

 private:
  Start start_;
  Completion completion_;
};

}  // namespace katydid::target
