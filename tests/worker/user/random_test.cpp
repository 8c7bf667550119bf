#include "worker/user/random.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

using namespace katydid;

TEST_CASE("the same seed gives the same numbers") {
  RandomSource a(7), b(7), c(8);
  for (int i = 0; i < 100; ++i) {
    const auto number = a();
    CHECK(number == b());
    CHECK(number != c());
  }
}

TEST_CASE("numbers are spread evenly") {
  RandomSource source(1);
  std::vector<int> counts(10);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto number = source.below(10);
    REQUIRE(number < 10);
    ++counts[number];
    const double fraction = source.fraction();
    REQUIRE((fraction >= 0 && fraction < 1));
    sum += fraction;
  }
  for (const int count : counts) CHECK(count == doctest::Approx(10'000).epsilon(0.05));
  CHECK(sum / 100'000 == doctest::Approx(0.5).epsilon(0.02));
  CHECK(source.below(1) == 0);
}

TEST_CASE("a scope lends its numbers to the thread") {
  RandomSource own(3), copy(3);
  const RandomSource* const before = &random_source();
  {
    const RandomScope scope(&own);
    CHECK(&random_source() == &own);
    {
      const RandomScope nothing(nullptr);
      CHECK(random_source()() == copy());
    }
    CHECK(&random_source() == &own);
  }
  CHECK(&random_source() == before);
}

TEST_CASE("each user of each class, worker and seed begins elsewhere") {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    for (int worker = 0; worker < 4; ++worker) {
      for (const char* user_class : {"A", "B", "AB"}) {
        for (std::uint64_t number = 0; number < 50; ++number) {
          seeds.insert(seed_of_user(seed, worker, user_class, number));
        }
      }
    }
  }
  CHECK(seeds.size() == 4 * 4 * 3 * 50);
  CHECK(seed_of_user(1, -1, "A", 5) == seed_of_user(1, 0, "A", 5));
}
