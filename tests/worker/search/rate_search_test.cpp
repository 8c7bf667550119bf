#include "worker/command/search/rate_search.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <random>

using katydid::RateSearch;

namespace {

RateSearch searched(const std::function<bool(double rate)>& holds, const RateSearch::Options& options = {}) {
  RateSearch search(options);
  while (!search.done()) search.take(holds(search.rate()));
  return search;
}

}  // namespace

TEST_CASE("a limit is found from below and from above") {
  for (const double limit : {0.02, 1.0, 1.5, 9.99, 100.0, 777.0, 12'345.0, 900'000.0}) {
    CAPTURE(limit);
    for (const double start : {1.0, 10.0, 300.0}) {
      if (limit < start * 1e-3) continue;
      const auto search = searched([&](double rate) { return rate <= limit; }, {.start = start});
      CHECK(search.held() <= limit);
      CHECK(search.failed() > limit);
      CHECK(search.failed() <= search.held() * 1.0151);
      CHECK(search.held_times() >= 3);
      CHECK(search.failed_times() == 2);
      CHECK(search.steps() < 45);
    }
  }
}

TEST_CASE("where nothing holds, or everything, there is no limit") {
  const auto nothing = searched([](double) { return false; }, {.start = 100});
  CHECK(nothing.held() == 0);
  CHECK(nothing.failed() < 1);
  const auto everything = searched([](double) { return true; }, {.start = 100, .most = 5000});
  CHECK(everything.held() == 5000);
  CHECK(everything.held_times() == 3);
  CHECK(std::isinf(everything.failed()));
}

TEST_CASE("a step that lies does not mislead it for long") {
  // One in twenty says the opposite of what is so.
  std::mt19937 random(7);
  std::bernoulli_distribution lies(0.05);
  int near = 0;
  constexpr int times = 500;
  for (int i = 0; i < times; ++i) {
    const auto search = searched([&](double rate) { return (rate <= 500) != lies(random); }, {.start = 20});
    near += search.held() > 500 * 0.97 && search.held() < 500 * 1.03;
  }
  CHECK(near > times * 9 / 10);
}

TEST_CASE("near a limit that is a matter of chance it ends, and not far from it") {
  // Holds always 5 % below, never 5 % above.
  std::mt19937 random(11);
  for (int i = 0; i < 500; ++i) {
    const auto search = searched(
        [&](double rate) { return std::uniform_real_distribution(950.0, 1050.0)(random) > rate; }, {.start = 100});
    CHECK(search.done());
    CHECK(search.held() > 900);
    CHECK(search.held() < 1050);
    CHECK(search.steps() <= 80);
  }
}
