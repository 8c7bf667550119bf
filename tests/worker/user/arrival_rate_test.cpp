#include "worker/user/arrival_rate.hpp"

#include "base/bad_value.hpp"
#include "worker/command/arrival_options.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

const double infinite = std::numeric_limits<double>::infinity();

/// The n-th arrival, by adding up as Arrivals does.
double nth(const ArrivalRate& rate, int n) {
  double at = 0;
  for (int i = 0; i < n; ++i) at = rate.when(at, 1);
  return at;
}

}  // namespace

TEST_CASE("a constant rate spaces arrivals evenly") {
  const ArrivalRate rate = 200;
  CHECK(rate.at(0) == 200);
  CHECK(rate.at(1e6) == 200);
  CHECK(rate.expected(1, 3) == doctest::Approx(400));
  CHECK(rate.when(5, 1) == doctest::Approx(5.005));
  CHECK(nth(rate, 1'000'000) == doctest::Approx(5000).epsilon(1e-9));
  CHECK(ArrivalRate::per_minute(600).at(0) == doctest::Approx(10));
}

TEST_CASE("a rate of 0 has no arrivals") {
  CHECK(ArrivalRate(0).when(0, 1) == infinite);
  CHECK(ArrivalRate(0).expected(0, 1e9) == 0);
}

TEST_CASE("stages rise and fall in straight lines, jump, and stay at the last rate") {
  const auto rate = ArrivalRate::stages({{10s, 100}, {5s, 100}, {0s, 20}, {10s, 0}});
  CHECK(rate.at(0) == 0);
  CHECK(rate.at(5) == doctest::Approx(50));
  CHECK(rate.at(12) == doctest::Approx(100));
  CHECK(rate.at(15) == doctest::Approx(20));
  CHECK(rate.at(20) == doctest::Approx(10));
  CHECK(rate.at(100) == 0);
  CHECK(rate.expected(0, 10) == doctest::Approx(500));
  CHECK(rate.expected(0, 15) == doctest::Approx(1000));
  CHECK(rate.expected(0, 1e6) == doctest::Approx(1100));
  CHECK(rate.when(0, 500) == doctest::Approx(10));
  CHECK(rate.when(0, 1000) == doctest::Approx(15));
  CHECK(rate.when(0, 1101) == infinite);
  const auto goes_on = ArrivalRate::stages({{1s, 7}}, 3);
  CHECK(goes_on.at(0) == 3);
  CHECK(goes_on.expected(0, 2) == doctest::Approx(12));
}

TEST_CASE("when() is the inverse of expected()") {
  const std::vector<ArrivalRate> rates = {
      ArrivalRate(0.3),
      ArrivalRate::stages({{3s, 1000}, {2s, 0}, {1s, 0}, {4s, 50}}),
      ArrivalRate::stages({{100ms, 0}, {1s, 1e6}, {1s, 1e-3}}, 5),
  };
  for (const ArrivalRate& rate : rates) {
    for (const double from : {0.0, 0.05, 1.7, 4.9, 5.5, 20.0}) {
      for (const double arrivals : {1e-6, 0.5, 1.0, 17.0, 900.0}) {
        const double at = rate.when(from, arrivals);
        CAPTURE(from);
        CAPTURE(arrivals);
        REQUIRE(at >= from);
        if (at != infinite) CHECK(rate.expected(from, at) == doctest::Approx(arrivals).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("rates and stages that can't be are refused") {
  for (const double bad : {-1.0, static_cast<double>(NAN), infinite}) {
    CHECK_THROWS_AS(ArrivalRate{bad}, std::invalid_argument);
    CHECK_THROWS_AS(ArrivalRate::stages({{1s, bad}}), std::invalid_argument);
    CHECK_THROWS_AS(ArrivalRate::stages({{1s, 1}}, bad), std::invalid_argument);
  }
  CHECK_THROWS_AS(ArrivalRate::stages({{-1s, 1}}), std::invalid_argument);
  CHECK_THROWS_AS(ArrivalRate::stages({}), std::invalid_argument);
}

TEST_CASE("the option says the same") {
  CHECK(parse_arrival_rate("200").at(0) == 200);
  CHECK(parse_arrival_rate("0.5/s").at(0) == doctest::Approx(0.5));
  CHECK(parse_arrival_rate("600/m").at(0) == doctest::Approx(10));
  CHECK(parse_arrival_rate("7200/h").at(0) == doctest::Approx(2));
  CHECK_FALSE(parse_arrival_rate("200").is_poisson());
  CHECK(parse_arrival_rate("poisson:200").is_poisson());
  const ArrivalRate stages = parse_arrival_rate("poisson:60/m@500ms,1@2m,4@0s");
  CHECK(stages.is_poisson());
  CHECK(stages.at(0.25) == doctest::Approx(0.5));
  CHECK(stages.at(60) == doctest::Approx(1));
  CHECK(stages.at(121) == doctest::Approx(4));
  for (const char* bad : {"", "x", "-1", "nan", "inf", "1e99", "20x", "200/", "/s", "poisson:", "200@", "@5s", "200@5x",
                          "200@-1s", "200@1s,", "200@1s,3", ",200@1s", "200 @1s", "poisson:poisson:2"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(parse_arrival_rate(bad), BadValue);
  }
  for (const char* bad : {"", "Buyer", "=200", "Buyer=", "Buyer=x"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(check_arrival_option(bad), BadValue);
  }
  check_arrival_option("Buyer=200");
  const std::vector<std::string> given = {"A=1", "B=2", "A=3"};
  CHECK(arrival_rate_of("A", given)->at(0) == 3);
  CHECK_FALSE(arrival_rate_of("C", given));
}
