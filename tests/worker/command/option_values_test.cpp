#include "worker/command/option_values.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;
using Strings = std::vector<std::string>;

TEST_CASE("time spans are Locust's") {
  CHECK(parse_timespan("0") == 0s);
  CHECK(parse_timespan("20") == 20s);
  CHECK(parse_timespan("20s") == 20s);
  CHECK(parse_timespan("3m") == 3min);
  CHECK(parse_timespan("2h") == 2h);
  CHECK(parse_timespan("1h20m") == 80min);
  CHECK(parse_timespan("3h30m10s") == 12610s);
  CHECK(parse_timespan("1h5s") == 3605s);
  for (const char* text : {"", "s", "1d", "-1", "-1s", "1m1h", "1s1s", "1.5", "1h20", "20 s", " 20", "99999999999999h",
                           "10000000000000000000", "1e3", "+5"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_timespan(text), BadValue);
  }
}

TEST_CASE("lists are split by white space, or written in brackets") {
  CHECK(split_list("") == Strings{});
  CHECK(split_list(" a  b\tc ") == Strings{"a", "b", "c"});
  CHECK(split_list("[a, 'b', \"c d\"]") == Strings{"a", "b", "c d"});
  CHECK(split_list("[]") == Strings{});
}

TEST_CASE("numbers are taken whole or not at all") {
  CHECK(parse_integer("-1", -1, 5) == -1);
  CHECK(parse_integer("5", -1, 5) == 5);
  for (const char* text : {"", " 1", "1 ", "6", "-2", "0x1", "1.0", "+1", "99999999999999999999"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH_AS(parse_integer(text, -1, 5), "expected a whole number from -1 to 5", BadValue);
  }
  CHECK(parse_positive("0.25") == 0.25);
  CHECK(parse_positive("1e2") == 100.0);
}

TEST_CASE("flags take ConfigArgParse's words") {
  for (const char* text : {"true", "Yes", "ON", "1"}) CHECK(parse_flag(text));
  for (const char* text : {"False", "no", "off", "0"}) CHECK_FALSE(parse_flag(text));
  CHECK_THROWS_AS(parse_flag("y"), BadValue);
}
