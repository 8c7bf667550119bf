#include "tests/support/fake_master.hpp"

#include "protocol/msgpack.hpp"

#include <zmq.hpp>
#include <zmq_addon.hpp>

#include <vector>

namespace katydid::testing {

struct FakeMaster::Socket {
  zmq::context_t context{1};
  zmq::socket_t router{context, zmq::socket_type::router};
  zmq::socket_t handshakes{context, zmq::socket_type::pair};
  std::uint16_t port = 0;

  std::vector<zmq::message_t> receive(std::chrono::milliseconds timeout) {
    zmq::pollitem_t item{router.handle(), 0, ZMQ_POLLIN, 0};
    std::vector<zmq::message_t> parts;
    if (zmq::poll(&item, 1, timeout) > 0) (void)zmq::recv_multipart(router, std::back_inserter(parts));
    return parts;
  }

  void send(std::initializer_list<std::string_view> parts) {
    for (std::size_t i = 0; const std::string_view part : parts) {
      const bool more = ++i < parts.size();
      (void)router.send(zmq::buffer(part), more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
  }
};

FakeMaster::FakeMaster(std::uint16_t port) : socket_(std::make_unique<Socket>()) {
  zmq::socket_t& router = socket_->router;
  router.set(zmq::sockopt::tcp_keepalive, 1);
  router.set(zmq::sockopt::tcp_keepalive_idle, 30);
  router.set(zmq::sockopt::linger, 1000);
  if (zmq_socket_monitor(router.handle(), "inproc://handshakes", ZMQ_EVENT_HANDSHAKE_SUCCEEDED) != 0)
    throw zmq::error_t();
  socket_->handshakes.connect("inproc://handshakes");
  router.bind("tcp://127.0.0.1:" + (port == 0 ? std::string("*") : std::to_string(port)));
  const std::string endpoint = router.get(zmq::sockopt::last_endpoint);
  socket_->port = static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
}

FakeMaster::~FakeMaster() = default;

std::uint16_t FakeMaster::port() const { return socket_->port; }

bool FakeMaster::wait_for_connection(std::chrono::milliseconds timeout) {
  zmq::pollitem_t item{socket_->handshakes.handle(), 0, ZMQ_POLLIN, 0};
  if (zmq::poll(&item, 1, timeout) <= 0) return false;
  std::vector<zmq::message_t> event;
  return zmq::recv_multipart(socket_->handshakes, std::back_inserter(event)).has_value();
}

std::optional<FakeMaster::Received> FakeMaster::receive(std::chrono::milliseconds timeout) {
  const auto parts = socket_->receive(timeout);
  if (parts.empty()) return std::nullopt;
  const Value content = protocol::unpack(parts.at(1).to_string_view());
  return Received{parts[0].to_string(), content[0].as_string(), content[1], content[2].as_string()};
}

std::optional<std::string> FakeMaster::receive_frame(std::chrono::milliseconds timeout) {
  const auto parts = socket_->receive(timeout);
  if (parts.empty()) return std::nullopt;
  return parts.at(1).to_string();
}

void FakeMaster::send(const std::string& identity, std::string_view type, const Value& data) {
  send_frame(identity, protocol::pack(Value::array(type, data, identity)));
}

void FakeMaster::send_frame(const std::string& identity, std::string_view frame) { socket_->send({identity, frame}); }

void FakeMaster::send_parts(const std::string& identity, std::string_view first, std::string_view second) {
  socket_->send({identity, first, second});
}

}  // namespace katydid::testing
