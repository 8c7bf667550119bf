#include "worker/statistics/rounding.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

struct Key {
  std::int64_t first_ns;
  std::int64_t key_us;
};

/// What Locust's own function answers: each key and the first nanosecond that has it.
std::vector<Key> golden(const std::string& rounding) {
  std::ifstream file(KATYDID_TEST_DATA "/response_time_keys.tsv");
  std::vector<Key> keys;
  std::string name;
  for (Key key; file >> name >> key.first_ns >> key.key_us;) {
    if (name == rounding) keys.push_back(key);
  }
  return keys;
}

void check_against_golden(Rounding rounding, const std::vector<Key>& keys) {
  const std::int64_t end = keys.back().first_ns;
  const auto expected = [&](std::int64_t ns) {
    const auto next = std::ranges::upper_bound(keys, ns, {}, &Key::first_ns);
    return std::prev(next)->key_us;
  };
  const auto wrong = [&](std::int64_t ns) {
    return slot_key(slot_of(std::chrono::nanoseconds(ns), rounding)).count() != expected(ns);
  };
  int failures = 0;
  for (const Key& key : keys) {
    failures += wrong(key.first_ns);
    if (key.first_ns > 0) failures += wrong(key.first_ns - 1);
  }
  std::mt19937_64 random(1);
  for (double bits = 0; bits < 37; bits += 0.0003) {
    const auto ns = static_cast<std::int64_t>(std::exp2(bits)) + static_cast<std::int64_t>(random() % 1000);
    if (ns < end) failures += wrong(ns);
  }
  CHECK(failures == 0);
}

}  // namespace

TEST_CASE("--locust-rounding gives Python's keys for every response time") {
  const auto keys = golden("locust");
  REQUIRE(keys.size() > 400);
  check_against_golden(Rounding::locust, keys);
}

TEST_CASE("fine rounding does to microseconds below 10 ms what Locust does to milliseconds") {
  const auto keys = golden("fine");
  REQUIRE(keys.size() > 600);
  check_against_golden(Rounding::fine, keys);
}

TEST_CASE("keys are the numbers that a reader expects") {
  CHECK(round_response_time(370'400ns, Rounding::fine).count() == 0.37);
  CHECK(round_response_time(4'249us, Rounding::fine).count() == 4.2);
  CHECK(round_response_time(7'499ns, Rounding::fine).count() == 0.007);
  CHECK(round_response_time(9'960us, Rounding::fine).count() == 10);
  CHECK(round_response_time(147ms, Rounding::fine).count() == 150);
  CHECK(round_response_time(3432ms, Rounding::fine).count() == 3400);
  CHECK(round_response_time(58'760ms, Rounding::fine).count() == 59'000);
  CHECK(round_response_time(1h + 400ms, Rounding::fine).count() == 3'600'000);
  CHECK(round_response_time(4'249us, Rounding::locust).count() == 4);
}

TEST_CASE("ties go to the even neighbour, as in Python") {
  CHECK(round_response_time(500us, Rounding::locust).count() == 0);
  CHECK(round_response_time(1500us, Rounding::locust).count() == 2);
  CHECK(round_response_time(2500us, Rounding::locust).count() == 2);
  CHECK(round_response_time(145ms, Rounding::fine).count() == 140);
  CHECK(round_response_time(155ms, Rounding::fine).count() == 160);
  CHECK(round_response_time(145ms + 1ns, Rounding::fine).count() == 150);
}

TEST_CASE("slots and keys are the same thing in the same order") {
  for (std::size_t slot = 0; slot < 4000; ++slot) {
    const auto key = slot_key(slot);
    REQUIRE(slot_of(key, Rounding::fine) == slot);
    if (slot > 0) REQUIRE(slot_key(slot - 1) < key);
  }
  CHECK(slot_key(dense_slots) == 100s);
}

TEST_CASE("no response time is out of range") {
  CHECK(slot_of(-5ms, Rounding::fine) == 0);
  CHECK(slot_of(std::chrono::nanoseconds::min(), Rounding::locust) == 0);
  CHECK(slot_key(slot_of(std::chrono::nanoseconds::max(), Rounding::fine)) == 9'223'372'037s);
}
