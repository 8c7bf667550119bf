#include "base/value.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace katydid;

namespace {

std::string error_of(std::string_view text) {
  return test::error_of([&] { Value::parse(text); });
}

}  // namespace

TEST_CASE("JSON survives the way in and out") {
  for (const char* text : {"null", "true", "false", "0", "-1", "9223372036854775807", "18446744073709551615", "1.0",
                           "-2.5", "1e+300", "\"\"", "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\"", "\"gr\xC3\xBC\xC3\x9F\"",
                           "[]", "{}", "[[],{},[{}]]", R"({"a":[1,{"b":null}],"":2})"}) {
    CAPTURE(text);
    CHECK(Value::parse(text).dump() == text);
  }
}

TEST_CASE("white space, escapes and numbers of other forms are understood") {
  CHECK(Value::parse(" { \"a\" : [ 1 ,\t2 ]\r\n} ").dump() == R"({"a":[1,2]})");
  CHECK(Value::parse(R"("\u00fc\ud83d\ude00\/")") == "\xC3\xBC\xF0\x9F\x98\x80/");
  CHECK(Value::parse("1E2").is_double());
  CHECK(Value::parse("1E2") == 100);
  CHECK(Value::parse("-0").as_int() == 0);
  CHECK(Value::parse("18446744073709551616").is_double());
}

TEST_CASE("doubles stay doubles and keep every digit") {
  CHECK(Value(3.0).dump() == "3.0");
  CHECK(Value(0.1).dump() == "0.1");
  CHECK(Value(1e22).dump() == "1e+22");
  CHECK(Value::parse(Value(0.1 + 0.2).dump()).as_double() == 0.1 + 0.2);
  CHECK(Value(std::numeric_limits<double>::infinity()).dump() == "null");
  CHECK(Value(std::nan("")).dump() == "null");
}

TEST_CASE("what JSON has no form for is written as text") {
  CHECK(Value("a\xFFz").dump() == "\"a\xEF\xBF\xBDz\"");
  CHECK(Value(Binary("")).dump() == "\"\"");
  CHECK(Value(Binary("f")).dump() == "\"Zg==\"");
  CHECK(Value(Binary("fo")).dump() == "\"Zm8=\"");
  CHECK(Value(Binary("foo\xFF")).dump() == "\"Zm9v/w==\"");
  Value value = Value::object();
  value.as_object().emplace_back(1, "one");
  value.as_object().emplace_back(nullptr, "none");
  value.as_object().emplace_back(Value::array("x"), "list");
  CHECK(value.dump() == R"({"1":"one","null":"none","[\"x\"]":"list"})");
}

TEST_CASE("the last of equal keys counts") { CHECK(Value::parse(R"({"a":1,"a":2})")["a"] == 2); }

TEST_CASE("what is not JSON is refused with the place") {
  CHECK(error_of("{\"a\": nul}").starts_with("not valid JSON: parse error at line 1, column 10: "));
  CHECK(error_of("[1,\n2,]").starts_with("not valid JSON: parse error at line 2, column 3: "));
  for (const char* text : {"", " ", "{", "[1", "[1 2]", "{\"a\"}", "{a:1}", "'a'", "\"a", "01", "1.", "nan", "tru",
                           "1 2", "\"\xFF\"", "\"\\ud800\"", "\"\n\"", "1e999", "<html></html>"}) {
    CAPTURE(text);
    CHECK(error_of(text).starts_with("not valid JSON: "));
  }
}

TEST_CASE("nesting is bounded") {
  CHECK(Value::parse(std::string(256, '[') + std::string(256, ']')).is_array());
  CHECK(error_of(std::string(257, '[') + std::string(257, ']')) == "not valid JSON: nested deeper than 256 levels");
  CHECK(error_of(std::string(1'000'000, '[')) == "not valid JSON: nested deeper than 256 levels");
}
