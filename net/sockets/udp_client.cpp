#include "net/sockets/udp_client.hpp"

#include "net/descriptor.hpp"
#include "net/sleep.hpp"
#include "net/sockets/lookup.hpp"
#include "net/stream_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace katydid {
namespace {

bool must_wait(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

}  // namespace

UdpClient::UdpClient(Network network) : network_(std::move(network)) {}
UdpClient::~UdpClient() { close(); }

void UdpClient::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

std::string UdpClient::place() const { return place_of(host_, port_); }

int UdpClient::open_socket() const {
  if (socket_ < 0) throw SocketError("NotConnected: connect() comes first");
  return socket_;
}

task<> UdpClient::connect(std::string host, std::uint16_t port, std::chrono::milliseconds limit) {
  close();
  host_ = std::move(host);
  port_ = port;
  const auto source = source_of(network_);
  const auto addresses = co_await Lookup(network_, host_, port_, deadline_after(limit));
  int error = 0;
  for (const SocketAddress& address : addresses) {
    if (source && source->family() != address.family()) {
      error = EAFNOSUPPORT;
      continue;
    }
    const int opened = open_datagram_socket(address, source ? &*source : nullptr);
    if (opened >= 0 && ::connect(opened, address.data(), address.size()) == 0) {
      socket_ = opened;
      co_return;
    }
    error = errno;
    if (opened >= 0) ::close(opened);
  }
  throw not_reached(network_, place(), error);
}

task<> UdpClient::send(std::string datagram) {
  while (::send(open_socket(), datagram.data(), datagram.size(), 0) < 0) {
    if (errno == EINTR) continue;
    if (!must_wait(errno)) throw SocketError(system_error_text(errno, place()));
    co_await writable(socket_);
  }
}

task<std::string> UdpClient::receive(std::chrono::milliseconds limit) {
  thread_local std::array<char, 64 * 1024> room;
  const auto deadline = Loop::clock::now() + limit;
  while (true) {
    const auto size = ::recv(open_socket(), room.data(), room.size(), 0);
    if (size >= 0) co_return std::string(room.data(), static_cast<std::size_t>(size));
    if (errno == EINTR) continue;
    if (!must_wait(errno)) throw SocketError(system_error_text(errno, place()));
    Context& context = co_await current_context();
    const InFlight in_flight(context);
    const bool in_time = co_await readable(socket_, deadline - Loop::clock::now());
    if (in_time) continue;
    throw SocketError(with_place("Timeout: no answer within " + std::to_string(limit.count()) + " ms", place()));
  }
}

}  // namespace katydid
