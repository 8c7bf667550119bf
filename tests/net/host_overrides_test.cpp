#include "net/host_overrides.hpp"

#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

using namespace katydid;
using katydid::test::error_of;

namespace {

std::string shown(const HostAnswer& answer) {
  if (!answer) return "none";
  std::string text;
  for (const SocketAddress& address : answer->addresses) text += address.text() + " ";
  return text;
}

}  // namespace

TEST_CASE("a host and port have the addresses that were given") {
  HostOverrides overrides;
  CHECK(overrides.empty());
  overrides.add("Shop.example:443:127.0.0.1");
  overrides.add("shop.example:80:127.0.0.2,[::1],fe80::1");
  overrides.add("*:8080:127.0.0.3");
  CHECK(shown(overrides.find("shop.EXAMPLE", 443)) == "127.0.0.1:0 ");
  CHECK(shown(overrides.find("shop.example", 80)) == "127.0.0.2:0 [::1]:0 [fe80::1]:0 ");
  CHECK(shown(overrides.find("shop.example", 8080)) == "127.0.0.3:0 ");
  CHECK(shown(overrides.find("shop.example", 81)) == "none");
  CHECK(shown(overrides.find("other.example", 443)) == "none");
  CHECK(overrides.texts() == std::vector<std::string>{"shop.example:443:127.0.0.1",
                                                      "shop.example:80:127.0.0.2,[::1],[fe80::1]", "*:8080:127.0.0.3"});
}

TEST_CASE("the last of several entries counts, and a name's own before *") {
  HostOverrides overrides;
  overrides.add("a:80:127.0.0.1");
  overrides.add("a:80:127.0.0.2");
  overrides.add("*:80:127.0.0.3");
  CHECK(shown(overrides.find("a", 80)) == "127.0.0.2:0 ");
}

TEST_CASE("an entry that is none is refused") {
  HostOverrides overrides;
  for (const char* entry : {"", "a", "a:80", "a:80:", ":80:127.0.0.1", "a:0:127.0.0.1", "a:65536:127.0.0.1",
                            "a:http:127.0.0.1", "a::127.0.0.1"}) {
    CAPTURE(entry);
    CHECK(error_of([&] { overrides.add(entry); }) == "expected HOST:PORT:ADDRESS, as in shop.example:443:127.0.0.1");
  }
  CHECK(error_of([&] { overrides.add("a:80:localhost"); }) == "'localhost' is not an IP address");
  CHECK(error_of([&] { overrides.add("a:80:127.0.0.1,"); }) == "nothing was thrown");
  CHECK(overrides.find("a", 80)->addresses.size() == 1);
}
