#include "worker/statistics/histogram.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Model = std::map<std::chrono::microseconds, std::uint64_t>;

Model contents(const Histogram& histogram) {
  Model model;
  std::chrono::microseconds last = -1us;
  histogram.for_each([&](std::chrono::microseconds key, std::uint64_t count) {
    CHECK(key > last);
    last = key;
    model[key] = count;
  });
  return model;
}

/// Locust's loop, written the way it is there: from the largest key down.
std::chrono::microseconds locust_percentile(const Model& model, double fraction) {
  std::uint64_t requests = 0, processed = 0;
  for (const auto& [key, count] : model) requests += count;
  const auto wanted = static_cast<std::uint64_t>(static_cast<double>(requests) * fraction);
  for (auto entry = model.rbegin(); entry != model.rend(); ++entry) {
    processed += entry->second;
    if (requests - processed <= wanted) return entry->first;
  }
  return 0us;
}

}  // namespace

TEST_CASE("a histogram holds what was added, merged and cleared") {
  std::mt19937_64 random(2);
  Histogram both, one, other;
  Model model;
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t slot = random() % (i % 10 ? dense_slots : dense_slots + 100);
    const std::uint64_t count = 1 + random() % 3;
    model[slot_key(slot)] += count;
    (i % 2 ? one : other).add(slot, count);
  }
  both.merge(one);
  CHECK(contents(both) == contents(one));
  both.merge(other);
  CHECK(contents(both) == model);
  CHECK_FALSE(both.empty());
  both.clear();
  CHECK(both.empty());
  CHECK(contents(both).empty());
  both.add(3);
  CHECK(both.total() == 1);
}

TEST_CASE("percentiles are those of Locust") {
  std::mt19937_64 random(3);
  for (int round = 0; round < 300; ++round) {
    Histogram histogram;
    const auto requests = 1 + random() % (round < 100 ? 5 : 2000);
    const auto spread = 1 + random() % dense_slots;
    for (std::uint64_t i = 0; i < requests; ++i) histogram.add(random() % spread);
    const Model model = contents(histogram);
    for (double fraction : {0.0, 0.5, 0.66, 0.75, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0}) {
      REQUIRE(histogram.percentile(fraction) == locust_percentile(model, fraction));
    }
  }
  CHECK(Histogram().percentile(0.5) == 0us);
}

TEST_CASE("keys from 100 s up are bounded, and none is taken for a shorter time") {
  Histogram histogram;
  for (std::size_t i = 0; i < 2 * Histogram::max_sparse; ++i) histogram.add(dense_slots + 2 * i);
  CHECK(histogram.total() == 2 * Histogram::max_sparse);
  CHECK(contents(histogram).size() == Histogram::max_sparse);
  CHECK(histogram.percentile(1.0) == slot_key(dense_slots + 2 * (2 * Histogram::max_sparse - 1)));

  histogram.add(dense_slots + 1);
  CHECK(contents(histogram).at(slot_key(dense_slots + 2)) == 2);
  histogram.add(dense_slots + 2, 5);
  CHECK(contents(histogram).at(slot_key(dense_slots + 2)) == 7);
  CHECK(histogram.total() == 2 * Histogram::max_sparse + 6);
}

TEST_CASE("a histogram that was moved from is empty and usable") {
  Histogram histogram;
  histogram.add(5);
  histogram.add(dense_slots + 5);
  const Histogram taken = std::exchange(histogram, {});
  CHECK(taken.total() == 2);
  CHECK(histogram.empty());
  histogram.add(6);
  CHECK(histogram.percentile(1) == slot_key(6));
}
