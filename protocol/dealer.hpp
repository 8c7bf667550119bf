#pragma once
#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid::protocol {

struct DealerOptions {
  /// A name or an address; IPv6 with or without brackets.
  std::string host = "127.0.0.1";
  std::uint16_t port = 5557;
  /// What the master knows the worker by; see make_node_id().
  std::string node_id;
  /// A connection whose first frame is not answered for so long is made anew, then after twice the time, up to a
  /// minute. A Locust master answers client_ready and heartbeat at once, but it ignores a new connection, without a
  /// word, as long as it holds an old one with the same identity.
  std::chrono::milliseconds deaf_after{5000};
};

/// The worker's ZeroMQ socket, hung on an Asio executor. ZeroMQ connects, and connects again after a loss, by itself.
/// Nothing is queued for a master that isn't there: what a dead master has not taken never reaches its successor.
/// Not thread-safe: use it on its executor only.
class Dealer {
 public:
  /// Throws std::runtime_error with the endpoint and the reason when ZeroMQ refuses it. A name that doesn't resolve is
  /// no reason: it may later, see warning().
  Dealer(const asio::any_io_executor& executor, DealerOptions options);
  ~Dealer();
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;

  /// The next frame; of a message of several parts the last one. One receiver at a time. Goes on across reconnect().
  /// Throws std::system_error with asio::error::operation_aborted after close(), and std::runtime_error when ZeroMQ
  /// fails.
  asio::awaitable<std::string> receive();

  /// Whether there is a connection that takes frames.
  bool connected() const;

  /// Whether the master has said something over the present connection. Until then frames may be lost: see deaf_after.
  bool heard() const;

  /// How many connections have been lost so far. What was sent over one and not answered yet may be lost with it.
  std::uint64_t losses() const;

  /// Hands the frame to ZeroMQ without waiting. False when it was not taken, because there is no connection or its
  /// queue is full: the caller keeps what was in it and tries again later.
  [[nodiscard]] bool send(std::string_view frame);

  /// Closes the socket, its connection included, and opens a new one with the same identity half a second later, so
  /// that the master has noticed by then.
  void reconnect();

  /// Gives frames in the queue that long to leave, blocking; receive() ends. May be called more than once.
  void close(std::chrono::milliseconds linger);

  /// What the user should know about the address, such as that the name doesn't resolve; empty when it is fine.
  const std::string& warning() const;

  /// `<hostname>_<32 hex digits>`, as Locust's workers name themselves.
  static std::string make_node_id();

 private:
  struct Socket;
  std::shared_ptr<Socket> socket_;
};

}  // namespace katydid::protocol
