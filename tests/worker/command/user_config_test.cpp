#include "worker/command/user_config.hpp"

#include "base/bad_value.hpp"
#include "worker/user/user_class.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>

using namespace katydid;

namespace {

/// A registered class of two tasks, for one test.
struct Registered {
  Registered() {
    auto& added = UserClass::registered().emplace_back(std::make_unique<UserClass>());
    added->name = "Buyer";
    added->weight = 5;
    added->tasks = {{.name = "Buyer::look", .weight = 3}, {.name = "Buyer::buy"}};
  }
  ~Registered() { UserClass::registered().pop_back(); }
  UserClass& operator*() const { return *UserClass::registered().back(); }
};

}  // namespace

TEST_CASE("--config-users changes what a locustfile says of a class") {
  const Registered buyer;
  apply_user_config({R"({"user_class_name": "Buyer", "host": "http://a", "weight": 2})",
                     R"([{"user_class_name": "Buyer", "fixed_count": 4, "tasks": ["look"]}])",
                     R"({"user_class_name": "Buyer", "tasks": ["buy"]})"});
  CHECK((*buyer).host == "http://a");
  CHECK((*buyer).weight == 2);
  CHECK((*buyer).fixed_count == 4);
  REQUIRE((*buyer).tasks.size() == 1);
  CHECK((*buyer).tasks.front().name == "Buyer::buy");
}

TEST_CASE("--config-users says what is wrong with it") {
  const Registered buyer;
  const auto says = [](const std::string& text, const char* what) {
    CHECK_THROWS_WITH_AS(apply_user_config({text}), what, std::runtime_error);
  };
  says(R"({"user_class_name": "Nobody"})", "--config-users: the locustfile has no user class Nobody");
  says(R"({"user_class_name": "Buyer", "weight": -1})", "--config-users: weight must be a whole number from 0");
  says(R"({"user_class_name": "Buyer", "tasks": ["sell"]})", "--config-users: the class Buyer has no task sell");
  says(R"({"user_class_name": "Buyer", "wait": 1})",
       "--config-users: a user class has no 'wait': choose from host, weight, fixed_count, tasks");
}

TEST_CASE("--config-users that can't be one is refused before there is a locustfile") {
  const auto says = [](const std::string& text, const std::string& what) {
    CAPTURE(text);
    try {
      check_user_config({R"({"user_class_name": "Buyer"})", text});
      FAIL("it was taken");
    } catch (const BadValue& error) {
      CHECK(std::string(error.what()).find(what) != std::string::npos);
    }
  };
  says("not JSON", "'not JSON' is no valid JSON, and no .json file");
  says("/nowhere.json", "'/nowhere.json' can't be read: No such file or directory");
  for (const char* text :
       {R"({"weight": 2})", "[1]", "5", R"({"user_class_name": 5})", R"([{"user_class_name": "A"}, {}])"})
    says(text, "the user config must specify a user_class_name");
}

TEST_CASE("--equal-weights lets every class and task count once") {
  const Registered buyer;
  equal_weights();
  CHECK((*buyer).weight == 1);
  CHECK((*buyer).tasks.front().weight == 1);
}
