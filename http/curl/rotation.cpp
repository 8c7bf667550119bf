#include "http/curl/rotation.hpp"

#include "http/url.hpp"
#include "net/socket_address.hpp"

#include <cstring>

namespace katydid {

bool CurlRotation::begin(std::string_view url, std::uint32_t turn) {
  const Url to = split_url(url);
  turn_ = turn;
  tried_ = 0;
  if (to.host != host_ || to.port_number() != port_) {
    host_ = to.host;
    port_ = to.port_number();
    known_.reset();
  }
  if (resolver_.resolve(*this, host_, port_)) {
    known_ = answer();
    return true;
  }
  if (!known_) return false;
  cancel();  // a connection is at hand, most likely; the new answer is for the next request
  return true;
}

void CurlRotation::resolved(Resolution& self) {
  auto& rotation = static_cast<CurlRotation&>(self);
  rotation.known_ = rotation.answer();
  rotation.found_(rotation.owner_);
}

void CurlRotation::replace(curl_sockaddr& address) {
  if (!known_ || known_->addresses.empty() || (address.family != AF_INET && address.family != AF_INET6)) return;
  const auto& addresses = known_->addresses;
  const SocketAddress next = addresses[(turn_ + tried_++) % addresses.size()].with_port(port_);
  address.family = next.family();
  address.addrlen = next.size();
  std::memcpy(static_cast<void*>(&address.addr), next.data(), next.size());  // libcurl has room for every family
}

}  // namespace katydid
