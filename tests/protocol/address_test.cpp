#include "protocol/address.hpp"

#include <doctest/doctest.h>

#include <set>
#include <stdexcept>

using namespace katydid::protocol;

TEST_CASE("addresses are written as ZeroMQ reads them") {
  CHECK(find_master("127.0.0.1", 5557).endpoint == "tcp://127.0.0.1:5557");
  CHECK_FALSE(find_master("127.0.0.1", 5557).ipv6);
  CHECK(find_master("::1", 5557).endpoint == "tcp://[::1]:5557");
  CHECK(find_master("[::1]", 1).endpoint == "tcp://[::1]:1");
  CHECK(find_master("::1", 1).ipv6);
}

TEST_CASE("a name that doesn't resolve is only warned about") {
  const MasterAddress address = find_master("no-such-host.invalid", 5557);
  CHECK(address.endpoint == "tcp://no-such-host.invalid:5557");
  CHECK(address.warning.starts_with("The master's host \"no-such-host.invalid\" does not resolve ("));
  CHECK(find_master("localhost", 5557).warning.empty());
}

TEST_CASE("what is no address is refused") {
  CHECK_THROWS_WITH_AS(find_master("", 5557), "no address of a master: host \"\", port 5557", std::runtime_error);
  CHECK_THROWS_WITH_AS(find_master("localhost", 0), "no address of a master: host \"localhost\", port 0",
                       std::runtime_error);
}

TEST_CASE("node ids look like Locust's and never repeat") {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) {
    const std::string id = make_node_id();
    const std::size_t bar = id.rfind('_');
    REQUIRE(bar != std::string::npos);
    CHECK(id.size() - bar == 33);
    CHECK(id.find_first_not_of("0123456789abcdef", bar + 1) == std::string::npos);
    CHECK(id[bar + 13] == '4');
    ids.insert(id);
  }
  CHECK(ids.size() == 100);
}
