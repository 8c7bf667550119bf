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
};

/// The worker's ZeroMQ socket, hung on an Asio executor. ZeroMQ connects, and connects again, by itself.
/// Not thread-safe: use it on its executor only.
class Dealer {
 public:
  /// Throws std::runtime_error with the endpoint and the reason when ZeroMQ refuses it.
  Dealer(asio::any_io_executor executor, DealerOptions options);
  ~Dealer();
  Dealer(const Dealer&) = delete;
  Dealer& operator=(const Dealer&) = delete;

  /// The next frame; of a message of several parts the last one, as the master addresses it. One receiver at a time.
  /// Goes on across reconnect(); throws std::system_error (operation_aborted) after close(), and when ZeroMQ fails.
  asio::awaitable<std::string> receive();

  /// Hands the frame to ZeroMQ without waiting; false when its queue is full and the frame was not taken. While there
  /// is no master the queue holds frames for it.
  bool send(std::string_view frame);

  /// Closes the socket, its connection included, and opens a new one with the same identity.
  void reconnect();

  /// Gives queued frames that long to leave, blocking; receive() ends. May be called more than once.
  void close(std::chrono::milliseconds linger);

  /// `<hostname>_<32 hex digits>`, as Locust's workers name themselves.
  static std::string make_node_id();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace katydid::protocol
