#include "net/sockets/lookup.hpp"

#include <utility>

namespace katydid {

bool Lookup::suspend(std::coroutine_handle<> waiting, Context& context) {
  if (context.parks()) return true;
  if (network_.resolver->resolve(*this, host_, port_)) return false;
  waiting_ = waiting;
  if (deadline_ < Loop::clock::time_point::max()) network_.loop->arm(*this, deadline_);
  return true;
}

void Lookup::resolved(Resolution& resolution) {
  auto& lookup = static_cast<Lookup&>(resolution);
  if (lookup.armed()) lookup.network_.loop->disarm(lookup);
  lookup.waiting_.resume();
}

void Lookup::late(Timer& timer) {
  auto& lookup = static_cast<Lookup&>(timer);
  lookup.cancel();
  lookup.waiting_.resume();
}

std::vector<SocketAddress> Lookup::await_resume() const {
  if (!answer()) throw SocketError(with_place("NameResolutionError: no answer in time", place_of(host_, port_)));
  if (!answer()->error.empty()) throw SocketError(answer()->error);
  std::vector<SocketAddress> addresses;
  const std::size_t count = answer()->addresses.size();
  for (std::size_t i = 0; i < count; ++i) {
    addresses.push_back(answer()->addresses[(i + network_.address_turn) % count].with_port(port_));
  }
  return addresses;
}

std::optional<SocketAddress> source_of(const Network& network) {
  if (network.source_address.empty()) return std::nullopt;
  const auto source = SocketAddress::literal(network.source_address);
  if (!source) throw SocketError("InvalidSourceAddress: not an IP address: " + network.source_address);
  return source;
}

SocketError not_reached(const Network& network, std::string_view place, int error) {
  std::string both(place);
  if (!network.source_address.empty()) both.append(", from ").append(network.source_address);
  return SocketError(system_error_text(error, both));
}

Loop::clock::time_point deadline_after(std::chrono::milliseconds limit) {
  return limit.count() > 0 ? Loop::clock::now() + limit : Loop::clock::time_point::max();
}

std::string place_of(std::string_view host, std::uint16_t port) {
  return std::string(host) + ":" + std::to_string(port);
}

}  // namespace katydid
