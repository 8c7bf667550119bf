#include "worker/wrong_address.hpp"

#include <doctest/doctest.h>

using namespace katydid;

TEST_CASE("messages for another worker are told of, but not each time") {
  WrongAddress wrong;
  const protocol::ForAnother message{"spawn", "host_2"};
  CHECK(wrong.warning(message, "host_1") ==
        "a message \"spawn\" of the master was for worker host_2 and came to this one, host_1: it was dropped. What "
        "stands between them mixes their connections up, or the master their names");
  int told = 1;
  for (int i = 2; i <= 1000; ++i) {
    const auto warning = wrong.warning(message, "host_1");
    if (!warning) continue;
    ++told;
    CHECK(warning->ends_with(" (" + std::to_string(i) + " such messages so far)"));
  }
  CHECK(told == 10);
}
