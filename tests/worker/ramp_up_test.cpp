#include "worker/ramp_up.hpp"

#include "worker/shard_group.hpp"

#include <doctest/doctest.h>

using namespace katydid;

namespace {

UserClass user_class(std::string name, int weight, int fixed_count = 0) {
  UserClass made;
  made.name = std::move(name);
  made.weight = weight;
  made.fixed_count = fixed_count;
  return made;
}

}  // namespace

TEST_CASE("users are shared by weight, and growing moves nobody") {
  const UserClass a = user_class("A", 3), b = user_class("B", 1);
  UserCounts before = distribute_users(0, {&a, &b});
  for (std::int64_t users = 1; users <= 400; ++users) {
    const UserCounts counts = distribute_users(users, {&a, &b});
    CHECK(counts.at("A") + counts.at("B") == users);
    for (const auto& [name, count] : counts) {
      const auto old = before.find(name);
      CHECK(count >= (old == before.end() ? 0 : old->second));
    }
    before = counts;
  }
  CHECK(before == UserCounts{{"A", 300}, {"B", 100}});
}

TEST_CASE("fixed counts come first, and are all when there is no weight") {
  const UserClass a = user_class("A", 1), b = user_class("B", 1, 3), c = user_class("C", 2);
  CHECK(distribute_users(2, {&a, &b, &c})["B"] == 2);
  CHECK(distribute_users(12, {&a, &b, &c}) == UserCounts{{"A", 3}, {"B", 3}, {"C", 6}});
  CHECK(distribute_users(12, {&b}) == UserCounts{{"B", 3}});
}

TEST_CASE("shares of a total add up, differ by one at the most, and only grow with it") {
  for (std::size_t parts : {1, 2, 3, 8}) {
    for (std::size_t first = 0; first < parts; ++first) {
      for (std::int64_t total = 0; total < 40; ++total) {
        std::int64_t sum = 0;
        for (std::size_t i = 0; i < parts; ++i) {
          const auto share = share_of(total, i, parts, first);
          sum += share;
          CHECK(share >= total / static_cast<std::int64_t>(parts));
          CHECK(share <= total / static_cast<std::int64_t>(parts) + 1);
          CHECK(share_of(total + 1, i, parts, first) >= share);
        }
        CHECK(sum == total);
      }
    }
  }
}
