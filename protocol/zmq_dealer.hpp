#pragma once
#include "protocol/address.hpp"

#include <zmq.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace katydid::protocol {

/// One ZeroMQ DEALER socket with a context of its own, without an event loop. Never waits but in its destructor.
/// All of it throws std::runtime_error with the endpoint and ZeroMQ's reason.
class ZmqDealer {
 public:
  ZmqDealer(const MasterAddress& address, const std::string& node_id);
  ZmqDealer(const ZmqDealer&) = delete;
  ZmqDealer& operator=(const ZmqDealer&) = delete;
  /// Waits until frames in the queue are sent or the linger time is over; then the connection's descriptor is closed.
  ~ZmqDealer();

  /// ZeroMQ goes on connecting in the background, for as long as it takes.
  void connect();
  void set_linger(std::chrono::milliseconds time);

  bool send(std::string_view frame);
  /// A frame if there is one; of a message of several parts the last one.
  std::optional<std::string> receive();
  /// ZMQ_POLLIN and ZMQ_POLLOUT. Asking takes the signal from descriptor(), and so do send() and receive().
  int events();
  /// Signals, once, that events() may have changed. ZeroMQ's own: never to be closed.
  int descriptor();

 private:
  const std::string endpoint_;
  zmq::context_t context_;
  zmq::socket_t socket_;
};

}  // namespace katydid::protocol
