#include "worker/compare/precision.hpp"

#include "worker/compare/quantile.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace katydid::compare;

TEST_CASE("limits are those of the tables") {
  CHECK(student_limit(0.05, 1) == doctest::Approx(12.706).epsilon(1e-4));
  CHECK(student_limit(0.05, 10) == doctest::Approx(2.2281).epsilon(1e-4));
  CHECK(student_limit(0.01, 5) == doctest::Approx(4.0321).epsilon(1e-4));
  CHECK(student_limit(0.001, 30) == doctest::Approx(3.6460).epsilon(1e-4));
  CHECK(student_limit(0.05, 1e6) == doctest::Approx(1.95997).epsilon(1e-4));
  CHECK(std::isinf(student_limit(0.05, 0.5)));
  CHECK(chi_squared_limit(3) == doctest::Approx(7.815).epsilon(0.005));
}

TEST_CASE("values that resemble their neighbours count as fewer") {
  std::mt19937_64 chance(3);
  std::normal_distribution<double> normal;
  const auto time_of = [&](double memory) {
    double sum = 0;
    for (int run = 0; run < 50; ++run) {
      std::vector<double> values;
      double value = 0;
      for (int i = 0; i < 1'000; ++i) values.push_back(value = memory * value + normal(chance));
      sum += autocorrelation_time(values) / 50;
    }
    return sum;
  };
  CHECK(time_of(0) < 1.6);
  CHECK(time_of(0.8) >= 9);  // it is (1 + 0.8) / (1 - 0.8)
  CHECK(time_of(0.8) < 14);
  CHECK(autocorrelation_time({5, 5, 5, 5}) == 1);
}

TEST_CASE("a quantile lies between rounded times") {
  const Times times{{10, 100}, {11, 100}};
  CHECK(quantile_of(times, 0.5).value == doctest::Approx(10.5));
  CHECK(quantile_of(times, 0.25).value == doctest::Approx(10));
  CHECK(quantile_of(times, 0.01).value == 10);
  CHECK(quantile_of(times, 0.99).value == 11);
  CHECK(quantile_of(times, 0.4).below(times) == doctest::Approx(80));
  CHECK(quantile_of({{7, 3}}, 0.5).value == 7);
}

TEST_CASE("rounding matters where most requests have one time") {
  CHECK(rounding_of({{10, 100}, {11, 100}}) == 0);
  CHECK(rounding_of({{10, 100}, {11, 20}}) == doctest::Approx(0.5));
  CHECK(rounding_of({{0.31, 100}, {0.32, 20}}) == doctest::Approx(0.005));
  CHECK(rounding_of({{3, 100}, {4, 20}}) == doctest::Approx(0.5));
}
