#include "worker/user/wait_time.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Seconds = std::chrono::duration<double>;
using Milliseconds = std::chrono::milliseconds;

}  // namespace

TEST_CASE("what a function returns becomes a time that a clock can tell") {
  CHECK(WaitTime::checked(1500ms) == 1500ms);
  CHECK(WaitTime::checked(Seconds(1.5)) == 1500ms);
  CHECK(WaitTime::checked(std::chrono::duration<unsigned>(0)) == 0ms);
  CHECK(WaitTime::checked(-5ms) == -5ms);
  CHECK(WaitTime::checked(Seconds(-0.005)) == -5ms);
  for (const auto longest : {WaitTime::checked(Seconds(1e300)), WaitTime::checked(Seconds(INFINITY)),
                             WaitTime::checked(Milliseconds::max()), WaitTime::checked(WaitTime::Duration::max())}) {
    CHECK(longest == std::chrono::hours(24 * 365 * 100));
    CHECK(std::chrono::steady_clock::now() + longest > std::chrono::steady_clock::now());
  }
  CHECK(WaitTime::checked(Seconds(-INFINITY)) < 0s);
}

TEST_CASE("what is no number is refused, also as the integer that it becomes") {
  CHECK_THROWS_WITH_AS(WaitTime::checked(Seconds(NAN)), "a wait time must be a number", std::invalid_argument);
  CHECK_THROWS_AS(WaitTime::checked(WaitTime::Duration::min()), std::invalid_argument);
  CHECK_THROWS_AS(WaitTime::checked(Milliseconds::min()), std::invalid_argument);
}

TEST_CASE("wait times of a class are checked when they are made") {
  CHECK_THROWS_AS(constant(-1ms), std::invalid_argument);
  CHECK_THROWS_AS(between(-1ms, 1ms), std::invalid_argument);
  CHECK_THROWS_AS(between(2ms, 1ms), std::invalid_argument);
  CHECK_THROWS_AS(constant_pacing(-1ms), std::invalid_argument);
  for (const double none : {0.0, -1.0, static_cast<double>(NAN)}) {
    CHECK_THROWS_AS(constant_throughput(none), std::invalid_argument);
    CHECK_THROWS_AS(constant_total_throughput(none), std::invalid_argument);
    CHECK_THROWS_AS(poisson(none), std::invalid_argument);
  }
  constant_throughput(1e-300);
  poisson(1e-300);
  poisson(INFINITY);
}
