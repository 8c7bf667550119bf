#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace katydid {

/// Where connect() goes: IPv4, IPv6 or a Unix socket. A plain value of 116 bytes.
class SocketAddress {
 public:
  /// Of no family; connect() refuses it.
  SocketAddress() = default;
  /// What getaddrinfo() or accept() gave. Other families than the three become an empty address.
  SocketAddress(const sockaddr* address, socklen_t size);

  /// "127.0.0.1", "::1" or "[::1]"; a zone may follow, as in "fe80::1%eth0" ("%25eth0" in a URL). Nothing for a name:
  /// this never asks a name server.
  static std::optional<SocketAddress> literal(std::string_view host, std::uint16_t port = 0);
  /// Nothing when the path is empty, contains a NUL or is longer than the system allows (107 bytes on Linux).
  static std::optional<SocketAddress> unix_socket(std::string_view path);

  const sockaddr* data() const { return &address_.any; }
  socklen_t size() const { return size_; }
  int family() const { return size_ == 0 ? AF_UNSPEC : address_.any.sa_family; }
  /// 0 for a Unix socket.
  std::uint16_t port() const;
  /// The same host, another port; a Unix socket stays what it is.
  SocketAddress with_port(std::uint16_t port) const;

  /// "127.0.0.1:80", "[::1]:80" or "unix:/path".
  std::string text() const;

  bool operator==(const SocketAddress& other) const;

 private:
  union Storage {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un local;
  };
  Storage address_{.local = {}};
  socklen_t size_ = 0;
};

}  // namespace katydid
