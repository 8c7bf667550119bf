#include "base/utf8.hpp"

#include <doctest/doctest.h>

using katydid::valid_utf8;
using katydid::valid_utf8_prefix;

TEST_CASE("valid text stays as it is") {
  for (const std::string_view text : {"", "plain", "gr\xC3\xBC\xC3\x9F", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
                                      "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF", "\xEF\xBF\xBD"}) {
    CHECK(valid_utf8(text) == text);
    CHECK(valid_utf8_prefix(text) == text.size());
  }
  using namespace std::string_literals;
  CHECK(valid_utf8("a\0b"s) == "a\0b"s);
}

// The expected texts are those of Python's bytes.decode("utf-8", "replace").
TEST_CASE("each broken part becomes one U+FFFD") {
  const std::string bad = "\xEF\xBF\xBD";
  CHECK(valid_utf8("\xFF") == bad);
  CHECK(valid_utf8("a\x80z") == "a" + bad + "z");
  CHECK(valid_utf8("\xC3") == bad);
  CHECK(valid_utf8("\xC3(") == bad + "(");
  CHECK(valid_utf8("\xC0\xAF") == bad + bad);
  CHECK(valid_utf8("\xE0\x80\xAF") == bad + bad + bad);
  CHECK(valid_utf8("\xED\xA0\x80") == bad + bad + bad);
  CHECK(valid_utf8("\xF4\x90\x80\x80") == bad + bad + bad + bad);
  CHECK(valid_utf8("\xF5") == bad);
  CHECK(valid_utf8("\xE2\x82") == bad);
  CHECK(valid_utf8("\xE2\x82z") == bad + "z");
  CHECK(valid_utf8("\xF0\x9F\x98") == bad);
  CHECK(valid_utf8("\xF0\x9F\x98\xF0\x9F\x98\x80") == bad + "\xF0\x9F\x98\x80");
  CHECK(valid_utf8_prefix("ab\xFFzz") == 2);
}
