#include "worker/fleet_share.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace katydid;

namespace {

UserCounts all_are_buyers(std::int64_t users) { return {{"Buyer", users}}; }

UserClass user_class(std::string name, int weight, int fixed_count = 0) {
  UserClass made;
  made.name = std::move(name);
  made.weight = weight;
  made.fixed_count = fixed_count;
  return made;
}

}  // namespace

TEST_CASE("while the first users come, a worker's part is that of the users that it has") {
  FleetShare share;
  share.set_targets({{"Buyer", 5}}, 40, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.125));
  share.set_targets({{"Buyer", 10}}, 40, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.25));
  share.complete(40, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.25));
  CHECK(share.users().at("Buyer") == 40);
}

TEST_CASE("users that are moved between workers take their part along") {
  FleetShare share;
  share.set_targets({{"Buyer", 20}}, 40, all_are_buyers);
  share.complete(40, all_are_buyers);
  share.set_targets({{"Buyer", 14}}, 40, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.35));
}

TEST_CASE("an edit leaves the parts as they are until all users are there") {
  FleetShare share;
  share.set_targets({{"Buyer", 20}}, 40, all_are_buyers);
  share.complete(40, all_are_buyers);
  for (const std::int64_t users : {25, 30, 50}) {
    share.set_targets({{"Buyer", users}}, 100, all_are_buyers);
    CHECK(share.parts().at("Buyer") == doctest::Approx(0.5));
  }
  share.complete(100, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.5));
  CHECK(share.users().at("Buyer") == 100);
}

TEST_CASE("where a master does not say how many there are to be, the part is known when all are there") {
  FleetShare share;
  share.set_targets({{"Buyer", 3}}, std::nullopt, all_are_buyers);
  CHECK(share.parts().empty());
  share.complete(12, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.25));
  share.set_targets({{"Buyer", 6}}, std::nullopt, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.25));
  share.set_targets({{"Buyer", 0}}, std::nullopt, all_are_buyers);
  CHECK(share.parts().at("Buyer") == 0);
}

TEST_CASE("several classes have parts of their own") {
  const UserClass a = user_class("A", 3), b = user_class("B", 1), fixed = user_class("F", 1, 2),
                  left_out = user_class("L", 9);
  const auto distribution =
      distribution_of({&a, &b, &fixed, &left_out}, {{"A", 1}, {"B", 0}, {"F", 1}}, {{"B", {.weight = 3}}});
  CHECK(distribution(14) == UserCounts{{"A", 6}, {"B", 6}, {"F", 2}});
  FleetShare share;
  share.set_targets({{"A", 3}, {"B", 0}, {"F", 1}}, 14, distribution);
  CHECK(share.parts().at("A") == doctest::Approx(0.5));
  CHECK(share.parts().at("B") == 0);
  CHECK(share.parts().at("F") == doctest::Approx(0.5));
}

TEST_CASE("a part is never more than the whole") {
  FleetShare share;
  share.set_targets({{"Buyer", 11}}, 10, all_are_buyers);
  CHECK(share.parts().at("Buyer") == 1);
}

TEST_CASE("num_users of a master's options") {
  CHECK(users_of_fleet(Value::object().set("num_users", 40), 10) == 40);
  CHECK_FALSE(users_of_fleet(Value::object().set("num_users", 4), 10));
  CHECK_FALSE(users_of_fleet(Value::object().set("num_users", Value()), 0));
  CHECK_FALSE(users_of_fleet(Value::object(), 0));
  CHECK_FALSE(users_of_fleet(Value::object().set("num_users", 0), 0));
}

TEST_CASE("all rates are scaled by a factor, until the next test") {
  FleetShare share;
  share.set_targets({{"Buyer", 20}}, 40, all_are_buyers);
  share.complete(40, all_are_buyers);
  CHECK(share.scale(3));
  CHECK(share.parts().at("Buyer") == doctest::Approx(1.5));
  share.set_targets({{"Buyer", 10}}, 40, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.75));
  CHECK(share.scale(Value::object().set("factor", 2)));
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.5));
  for (const Value& wrong : {Value(2), Value::object(), Value::object().set("factor", "2"),
                             Value::object().set("factor", -1), Value::object().set("factor", std::nan(""))}) {
    CHECK_FALSE(share.scale(wrong));
  }
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.5));
  share.begin_test();
  share.set_targets({{"Buyer", 20}}, 40, all_are_buyers);
  CHECK(share.parts().at("Buyer") == doctest::Approx(0.5));
}
