#include "base/value.hpp"

#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace katydid;
using katydid::test::error_of;

TEST_CASE("braces make objects, whatever is in them") {
  CHECK(Value{{"user", "ann"}}.dump() == R"({"user":"ann"})");
  CHECK(Value{{"user", "ann"}, {"id", 42}}.dump() == R"({"user":"ann","id":42})");
  CHECK(Value{{"a", {{"b", {{"c", "d"}}}}}}.dump() == R"({"a":{"b":{"c":"d"}}})");
  CHECK(Value{{"a", {{"b", "c"}, {"d", "e"}}}}.dump() == R"({"a":{"b":"c","d":"e"}})");
  CHECK(Value{{"list", Value::array(1, "a", 2.5, Value{{"x", nullptr}})}}.dump() ==
        R"({"list":[1,"a",2.5,{"x":null}]})");
  CHECK(Value{{"twice", 1}, {"twice", 2}}.dump() == R"({"twice":2})");
  const std::string key = "a key that is too long to be stored in place";
  CHECK(Value{{key, std::string_view(key)}}[key] == key);
  CHECK(Value{{"a", 1},
              {"b", 2},
              {"c", 3},
              {"d", 4},
              {"e", 5},
              {"f", 6},
              {"g", 7},
              {"h", 8},
              {"i", 9},
              {"j", 10},
              {"k", 11},
              {"l", 12},
              {"m", 13},
              {"n", 14},
              {"o", 15},
              {"p", 16}}
            .dump() ==
        R"({"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13,"n":14,"o":15,"p":16})");
}

TEST_CASE("braces around one value copy it, around none make null") {
  const Value original{{"a", 1}};
  CHECK(Value{original} == original);
  CHECK(Value{}.is_null());
  CHECK(Value::object().dump() == "{}");
  CHECK(Value::array().dump() == "[]");
  CHECK(Value(std::vector<std::string>{"a", "b"}).dump() == R"(["a","b"])");
}

TEST_CASE("types are kept") {
  CHECK(Value(true).is_bool());
  CHECK(Value(1).is_int());
  CHECK(Value(1u).is_int());
  CHECK(Value(1.0).is_double());
  CHECK(Value(1.0f).is_double());
  CHECK(Value("x").is_string());
  CHECK(Value(static_cast<const char*>(nullptr)).is_null());
  CHECK(Value(Binary("\xff")).is_binary());
  CHECK(Value(std::numeric_limits<std::uint64_t>::max()).is_uint64());
  CHECK_FALSE(Value(std::uint64_t{1} << 62).is_uint64());
  CHECK(Value().type_name() == "null");
  CHECK(Value(Binary()).type_name() == "binary");
  CHECK(Value::array().type_name() == "array");
  CHECK(Value::object().type_name() == "object");
}

TEST_CASE("numbers convert only where nothing is lost") {
  CHECK(Value(7).as_double() == 7.0);
  CHECK(Value(7.0).as_int() == 7);
  CHECK(Value(-7.0).as_int() == -7);
  CHECK(Value(std::numeric_limits<std::uint64_t>::max()).as_uint() == std::numeric_limits<std::uint64_t>::max());
  CHECK(error_of([] { Value(7.5).as_int(); }) == "expected an integer, have number 7.5");
  CHECK(error_of([] { Value(1e19).as_int(); }) == "expected an integer, have number 1e+19");
  CHECK(error_of([] { Value(std::numeric_limits<double>::quiet_NaN()).as_int(); }).starts_with("expected an integer"));
  CHECK(error_of([] { Value(-1).as_uint(); }) == "expected an integer that is not negative, have integer -1");
  CHECK(error_of([] { Value(std::numeric_limits<std::uint64_t>::max()).as_int(); }) ==
        "expected an integer below 2^63, have integer 18446744073709551615");
}

TEST_CASE("a wrong type is told with what is there") {
  CHECK(error_of([] { Value(7).as_string(); }) == "expected a string, have integer 7");
  CHECK(error_of([] { Value("x").as_bool(); }) == "expected a bool, have the string \"x\"");
  CHECK(error_of([] { Value().as_double(); }) == "expected a number, have null");
  CHECK(error_of([] { Value::array(1).as_object(); }) == "expected an object, have an array of 1 item");
  CHECK(error_of([] { Value{{"a", 1}, {"b", 2}}.as_array(); }) == "expected an array, have an object of 2 fields");
  CHECK(error_of([] { Value(Binary("abc")).as_string(); }) == "expected a string, have 3 bytes of binary");
  CHECK(error_of([] { Value(std::string(200, 'x')).as_int(); }).size() < 120);
  CHECK(error_of([] { Value(1).push_back(2); }) == "expected an array to append to, have integer 1");
  CHECK(error_of([] { Value(1).set("k", 2); }) == "expected an object to set field \"k\" in, have integer 1");
}

TEST_CASE("fields are found, or told missing with the fields that there are") {
  const Value value{{"name", "ann"}, {"age", 42}, {"address", nullptr}};
  CHECK(value["name"] == "ann");
  CHECK(value.find("nobody") == nullptr);
  CHECK(value.contains("address"));
  CHECK(value.size() == 3);
  CHECK(Value("text").size() == 0);
  CHECK(Value(1).find("x") == nullptr);
  CHECK(error_of([&] { value["nobody"]; }) == R"(no field "nobody" in an object with "name", "age", "address")");
  CHECK(error_of([] { Value::object()["x"]; }) == R"(no field "x" in an empty object)");
  CHECK(error_of([] { Value(3)["x"]; }) == R"(expected an object with field "x", have integer 3)");
  Value wide;
  for (int i = 0; i < 12; ++i) wide.set("k" + std::to_string(i), i);
  CHECK(error_of([&] { wide["x"]; }).ends_with(R"("k9" and 2 more)"));
}

TEST_CASE("items are found by index") {
  const Value value = Value::array("a", "b");
  CHECK(value[0] == "a");
  CHECK(value[1] == "b");
  CHECK(error_of([&] { value[2]; }) == "no item 2 in an array of 2");
  CHECK(error_of([] { Value("a")[0]; }) == "expected an array, have the string \"a\"");
}

TEST_CASE("get has a fallback for missing and null fields, not for wrong ones") {
  const Value value{{"name", "ann"}, {"age", 42}, {"big", 300}, {"share", 0.5}, {"on", true}, {"none", nullptr}};
  CHECK(value.get("name", "?") == "ann");
  CHECK(value.get("none", "?") == "?");
  CHECK(value.get("nobody", std::string("?")) == "?");
  CHECK(value.get("age", 0) == 42);
  CHECK(value.get("age", 0.0) == 42.0);
  CHECK(value.get<std::size_t>("age", 0) == 42);
  CHECK(value.get("share", 0.0) == 0.5);
  CHECK(value.get("on", false));
  CHECK(value.get("nobody", Value(3)) == 3);
  CHECK(Value(1).get("x", 2) == 2);
  CHECK(error_of([&] { value.get("name", 0); }) == R"(field "name": expected an integer, have the string "ann")");
  CHECK(error_of([&] { value.get<std::int8_t>("big", 0); }) == R"(field "big": the number is out of range)");
}

TEST_CASE("what is read from a temporary outlives it") {
  const auto response = [] { return Value{{"items", Value::array(Value{{"name", std::string(100, 'x')}}, "y")}}; };
  const auto& items = response()["items"].as_array();
  const auto& first = response()["items"][0]["name"].as_string();
  const auto& fields = response().as_object();
  std::size_t seen = 0;
  for (const Value& item : response()["items"].as_array()) seen += item.size();
  CHECK(seen == 1);
  CHECK(items.size() == 2);
  CHECK(first == std::string(100, 'x'));
  CHECK(fields.at(0).first == "items");
  CHECK(error_of([&] { response()["nothing"]; }).starts_with("no field"));
}

TEST_CASE("of equal keys the last one counts") {
  Value value = Value::object();
  value.as_object().emplace_back("k", 1);
  value.as_object().emplace_back("k", 2);
  CHECK(value["k"] == 2);
}

TEST_CASE("set and push_back grow a value") {
  Value value;
  value.set("a", 1).set("b", Value::array()).set("a", 3);
  CHECK(value.dump() == R"({"a":3,"b":[]})");
  Value list;
  list.push_back(1).push_back("x");
  CHECK(list.dump() == R"([1,"x"])");
  list.as_array()[0] = 5;
  CHECK(list[0] == 5);
}

TEST_CASE("update sets the fields of another object") {
  Value value = json{{"a", 1}, {"b", 2}};
  CHECK(value.update(json{{"b", 3}, {"c", 4}}) == json{{"a", 1}, {"b", 3}, {"c", 4}});
  CHECK(value.update(Value()).size() == 3);
  CHECK(Value().update(json{{"a", 1}}) == json{{"a", 1}});
  CHECK_THROWS_AS(Value(5).update(json{{"a", 1}}), std::runtime_error);
}

TEST_CASE("equality is by value") {
  CHECK(Value(1) == Value(1.0));
  CHECK(Value(1.0) == Value(1));
  CHECK(Value(1.5) != Value(1));
  CHECK(Value(true) != Value(1));
  CHECK(Value("1") != Value(1));
  CHECK(Value(std::numeric_limits<std::uint64_t>::max()) != Value(-1));
  CHECK(Value(std::uint64_t{1} << 63) == Value(9223372036854775808.0));
  CHECK(Value((std::int64_t{1} << 53) + 1) != Value(9007199254740992.0));
  CHECK(Value(std::numeric_limits<double>::quiet_NaN()) != Value(std::numeric_limits<double>::quiet_NaN()));
  CHECK(Value{{"a", 1}, {"b", 2}} == Value{{"b", 2.0}, {"a", 1}});
  CHECK(Value{{"a", 1}, {"b", 2}} != Value{{"b", 2}, {"a", 2}});
  CHECK(Value{{"a", 1}} != Value{{"a", 1}, {"b", 2}});
  CHECK(Value{{"a", 1}, {"b", 2}} != Value{{"a", 1}, {"c", 2}});
  CHECK(Value::array(1, 2) != Value::array(2, 1));
  CHECK(Value(Binary("a")) != Value("a"));
}
