#include "protocol/zmq_dealer.hpp"

#include "protocol/codec.hpp"

#include <cerrno>
#include <stdexcept>

namespace katydid::protocol {
namespace {

using namespace std::chrono_literals;

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

/// Calls again when a signal came between, and says where it went wrong, which ZeroMQ's errors don't.
auto calling(const std::string& doing, const std::string& endpoint, auto&& call) {
  for (;;) {
    try {
      return call();
    } catch (const zmq::error_t& error) {
      if (error.num() != EINTR) throw std::runtime_error(doing + ' ' + endpoint + ": " + error.what());
    }
  }
}

void set_options(zmq::socket_t& socket, const std::string& node_id, bool ipv6) {
  using namespace zmq;
  socket.set(sockopt::routing_id, node_id);
  socket.set(sockopt::ipv6, ipv6);
  socket.set(sockopt::linger, 0);
  socket.set(sockopt::immediate, true);  // a frame is taken only by a connection, never kept for the next master
  socket.set(sockopt::maxmsgsize, static_cast<std::int64_t>(4 * Limits::frame_bytes));
  // The first two are those of Locust's worker.
  socket.set(sockopt::tcp_keepalive, 1);
  socket.set(sockopt::tcp_keepalive_idle, 30);
  socket.set(sockopt::tcp_keepalive_intvl, 10);
  socket.set(sockopt::tcp_keepalive_cnt, 6);
  socket.set(sockopt::reconnect_ivl, milliseconds(100ms));
  socket.set(sockopt::reconnect_ivl_max, milliseconds(1s));
  // Has the master's ZeroMQ drop a connection that went silent. Without it the connection of a host that vanished keeps
  // the identity, and the worker that comes back is ignored.
  socket.set(sockopt::heartbeat_ivl, milliseconds(10s));
  socket.set(sockopt::heartbeat_ttl, milliseconds(30s));
  socket.set(sockopt::heartbeat_timeout, milliseconds(120s));
}

}  // namespace

ZmqDealer::ZmqDealer(const MasterAddress& address, const std::string& node_id) : endpoint_(address.endpoint) {
  calling("cannot open a ZeroMQ socket as \"" + node_id + "\" for", endpoint_, [&] {
    socket_ = zmq::socket_t(context_, zmq::socket_type::dealer);
    set_options(socket_, node_id, address.ipv6);
  });
}

ZmqDealer::~ZmqDealer() {
  socket_.close();
  context_.close();
}

void ZmqDealer::connect() {
  calling("cannot connect to", endpoint_, [this] { socket_.connect(endpoint_); });
}

void ZmqDealer::set_linger(std::chrono::milliseconds time) { socket_.set(zmq::sockopt::linger, milliseconds(time)); }

bool ZmqDealer::send(std::string_view frame) {
  return calling("sending to", endpoint_,
                 [&] { return socket_.send(zmq::buffer(frame), zmq::send_flags::dontwait).has_value(); });
}

std::optional<std::string> ZmqDealer::receive() {
  return calling("receiving from", endpoint_, [this]() -> std::optional<std::string> {
    zmq::message_t part;
    do {
      if (!socket_.recv(part, zmq::recv_flags::dontwait)) return std::nullopt;
    } while (part.more());
    return part.to_string();
  });
}

int ZmqDealer::events() {
  return calling("asking about", endpoint_, [this] { return socket_.get(zmq::sockopt::events); });
}

int ZmqDealer::descriptor() {
  return calling("asking about", endpoint_, [this] { return socket_.get(zmq::sockopt::fd); });
}

}  // namespace katydid::protocol
