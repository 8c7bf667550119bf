#include "protocol/address.hpp"

#include "base/utf8.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <random>
#include <stdexcept>

namespace katydid::protocol {
namespace {

/// Connecting a datagram socket sends nothing; it fails where there is no route or no address of that family.
bool has_route(const addrinfo& address) {
  const int probe = ::socket(address.ai_family, SOCK_DGRAM, 0);
  if (probe < 0) return false;
  const bool routed = ::connect(probe, address.ai_addr, address.ai_addrlen) == 0;
  ::close(probe);
  return routed;
}

bool prefers_ipv6(const addrinfo* addresses) {
  bool any = false;
  bool other = false;
  for (const addrinfo* address = addresses; address; address = address->ai_next) {
    if (address->ai_family == AF_INET6) {
      if (has_route(*address)) return true;
      any = true;
    } else {
      other = true;
    }
  }
  return any && !other;
}

}  // namespace

MasterAddress find_master(const std::string& host, std::uint16_t port) {
  std::string name = host;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') name = name.substr(1, name.size() - 2);
  if (name.empty() || port == 0) {
    throw std::runtime_error("no address of a master: host \"" + host + "\", port " + std::to_string(port));
  }
  const bool literal = name.find(':') != name.npos;
  MasterAddress result;
  result.endpoint = "tcp://" + (literal ? '[' + name + ']' : name) + ':' + std::to_string(port);

  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(error ? nullptr : found, &::freeaddrinfo);
  if (error) {
    result.warning = "The master's host \"" + name + "\" does not resolve (" + ::gai_strerror(error) + "), trying on.";
    result.ipv6 = literal;
  } else {
    result.ipv6 = prefers_ipv6(found);
  }
  return result;
}

std::string make_node_id() {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  std::string id = valid_utf8(host.data());
  id += '_';

  std::random_device source;
  std::uniform_int_distribution<int> digit(0, 15);
  for (int i = 0; i < 32; ++i) {
    int value = digit(source);
    if (i == 12) value = 4;                // a version 4 UUID, like Python's uuid4().hex
    if (i == 16) value = 8 | (value & 3);  // of the standard variant
    id += "0123456789abcdef"[value];
  }
  return id;
}

}  // namespace katydid::protocol
