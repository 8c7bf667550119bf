#include "net/socket_address.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <net/if.h>
#include <unistd.h>

#include <string>

using namespace katydid;

TEST_CASE("literal addresses are read, names are not") {
  CHECK(SocketAddress::literal("127.0.0.1", 80).value().text() == "127.0.0.1:80");
  CHECK(SocketAddress::literal("::1", 443).value().text() == "[::1]:443");
  CHECK(SocketAddress::literal("[2001:DB8:0:0::1]", 8080).value().text() == "[2001:db8::1]:8080");
  CHECK(SocketAddress::literal("::ffff:10.0.0.1").value().family() == AF_INET6);
  const auto v4 = SocketAddress::literal("10.1.2.3", 65535).value();
  CHECK(v4.family() == AF_INET);
  CHECK(v4.size() == sizeof(sockaddr_in));
  CHECK(reinterpret_cast<const sockaddr_in*>(v4.data())->sin_port == htons(65535));
  for (const char* name : {"", "localhost", "127.1", "1.2.3.4.5", "[]", "[127.0.0.1", ":", "::g", "1.2.3.4 ", "a:b"}) {
    CAPTURE(name);
    CHECK_FALSE(SocketAddress::literal(name).has_value());
  }
  CHECK_FALSE(SocketAddress::literal(std::string_view("127.0.0.1\0x", 11)).has_value());
}

TEST_CASE("a link-local address keeps its zone, however it is written") {
  char name[IF_NAMESIZE] = {};
  REQUIRE(::if_indextoname(1, name) != nullptr);
  const auto index = static_cast<std::uint32_t>(1);
  for (const std::string zone : {"%1", "%251", "%25"}) {
    CAPTURE(zone);
    const auto host = "fe80::1" + (zone == "%25" ? zone + name : zone);
    const auto address = SocketAddress::literal(host, 80).value();
    CHECK(reinterpret_cast<const sockaddr_in6*>(address.data())->sin6_scope_id == index);
    CHECK(address.text() == "[fe80::1%" + std::string(name) + "]:80");
  }
  CHECK_FALSE(SocketAddress::literal("fe80::1%no-such-interface").has_value());
}

TEST_CASE("a port is set without touching the rest") {
  const auto address = SocketAddress::literal("::1").value();
  CHECK(address.port() == 0);
  CHECK(address.with_port(81).port() == 81);
  CHECK(address.with_port(81).with_port(0) == address);
  CHECK(address.with_port(81) != address);
  const auto local = SocketAddress::unix_socket("/tmp/x").value();
  CHECK(local.with_port(81) == local);
  CHECK(local.port() == 0);
}

TEST_CASE("Unix sockets: as long as the system allows") {
  const auto local = SocketAddress::unix_socket("/run/app.sock").value();
  CHECK(local.family() == AF_UNIX);
  CHECK(local.text() == "unix:/run/app.sock");
  const std::string longest(sizeof(sockaddr_un::sun_path) - 1, 'x');
  CHECK(SocketAddress::unix_socket(longest).value().text() == "unix:" + longest);
  CHECK_FALSE(SocketAddress::unix_socket(longest + "x").has_value());
  CHECK_FALSE(SocketAddress::unix_socket("").has_value());
  CHECK_FALSE(SocketAddress::unix_socket(std::string_view("a\0b", 3)).has_value());
}

TEST_CASE("what the system hands over: copied, or empty when it makes no sense") {
  const auto address = SocketAddress::literal("192.0.2.7", 99).value();
  CHECK(SocketAddress(address.data(), address.size()) == address);
  CHECK(SocketAddress(address.data(), 4).family() == AF_UNSPEC);
  sockaddr other{};
  other.sa_family = AF_APPLETALK;
  CHECK(SocketAddress(&other, sizeof other) == SocketAddress());
  CHECK(SocketAddress().text() == "no address");
}
