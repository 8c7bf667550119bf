#include "net/socket_address.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <cstddef>
#include <cstring>
#include <memory>

namespace katydid {
namespace {

/// A zone is a number or the name of an interface; only getaddrinfo() knows both, and with AI_NUMERICHOST it stays
/// here.
std::optional<SocketAddress> zoned_literal(std::string host) {
  if (const auto escaped = host.find("%25"); escaped != host.npos && escaped + 3 < host.size()) {
    host.erase(escaped + 1, 2);
  }
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_family = AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  return SocketAddress(found->ai_addr, found->ai_addrlen);
}

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size) {
  const int family = address->sa_family;
  const bool fits = (family == AF_INET && size >= sizeof(sockaddr_in)) ||
                    (family == AF_INET6 && size >= sizeof(sockaddr_in6)) || family == AF_UNIX;
  if (!fits || size > sizeof address_) return;
  std::memcpy(&address_, address, size);
  size_ = size;
}

std::optional<SocketAddress> SocketAddress::literal(std::string_view host, std::uint16_t port) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (host.find('\0') != host.npos) return std::nullopt;
  const std::string text(host);
  SocketAddress result;
  if (::inet_pton(AF_INET, text.c_str(), &result.address_.v4.sin_addr) == 1) {
    result.address_.v4.sin_family = AF_INET;
    result.size_ = sizeof(sockaddr_in);
  } else if (text.find(':') == text.npos) {
    return std::nullopt;
  } else if (::inet_pton(AF_INET6, text.c_str(), &result.address_.v6.sin6_addr) == 1) {
    result.address_.v6.sin6_family = AF_INET6;
    result.size_ = sizeof(sockaddr_in6);
  } else {
    const auto zoned = zoned_literal(text);
    if (!zoned) return std::nullopt;
    result = *zoned;
  }
  return result.with_port(port);
}

std::optional<SocketAddress> SocketAddress::unix_socket(std::string_view path) {
  SocketAddress result;
  sockaddr_un& local = result.address_.local;
  if (path.empty() || path.size() >= sizeof local.sun_path || path.find('\0') != path.npos) return std::nullopt;
  local.sun_family = AF_UNIX;
  path.copy(local.sun_path, path.size());
  result.size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return result;
}

std::uint16_t SocketAddress::port() const {
  switch (family()) {
    case AF_INET:
      return ntohs(address_.v4.sin_port);
    case AF_INET6:
      return ntohs(address_.v6.sin6_port);
    default:
      return 0;
  }
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const {
  SocketAddress result = *this;
  if (family() == AF_INET) result.address_.v4.sin_port = htons(port);
  if (family() == AF_INET6) result.address_.v6.sin6_port = htons(port);
  return result;
}

std::string SocketAddress::text() const {
  if (family() == AF_UNSPEC) return "no address";
  if (family() == AF_UNIX) {
    const auto room = size_ - offsetof(sockaddr_un, sun_path);
    return "unix:" + std::string(address_.local.sun_path, ::strnlen(address_.local.sun_path, room));
  }
  char host[NI_MAXHOST];
  if (::getnameinfo(data(), size_, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) return "no address";
  const std::string name = family() == AF_INET6 ? "[" + std::string(host) + "]" : host;
  return name + ":" + std::to_string(port());
}

bool SocketAddress::operator==(const SocketAddress& other) const {
  return size_ == other.size_ && std::memcmp(&address_, &other.address_, size_) == 0;
}

}  // namespace katydid
