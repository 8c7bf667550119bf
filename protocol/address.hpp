#pragma once
#include <cstdint>
#include <string>

namespace katydid::protocol {

/// Where the master is, as ZeroMQ wants to hear it.
struct MasterAddress {
  std::string endpoint;
  /// ZeroMQ has to be told before it connects; it then asks for IPv6 addresses first, as Locust's worker does.
  bool ipv6 = false;
  /// Empty, or why the name doesn't resolve.
  std::string warning;
};

/// Looks the name up, which may block for as long as the resolver does. Throws std::runtime_error for what is no
/// address at all. IPv6 is chosen when the name has an IPv6 address that this host has a route to, or nothing else.
MasterAddress find_master(const std::string& host, std::uint16_t port);

/// `<hostname>_<32 hex digits>`.
std::string make_node_id();

}  // namespace katydid::protocol
