#include "http/request.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace katydid;

TEST_CASE("a path segment keeps only what is unreserved") {
  CHECK(percent_encoded("AZaz09-._~") == "AZaz09-._~");
  CHECK(percent_encoded("a b/c?d&e=f+g%") == "a%20b%2Fc%3Fd%26e%3Df%2Bg%25");
  CHECK(percent_encoded("\xC3\xA9\n") == "%C3%A9%0A");
}

TEST_CASE("parameters are added to a path as requests does it") {
  CHECK(with_params("/search", {}) == "/search");
  CHECK(with_params("/search", {{"q", "a b"}, {"page", "2"}}) == "/search?q=a+b&page=2");
  CHECK(with_params("/search?x=1", {{"q", "&="}}) == "/search?x=1&q=%26%3D");
  CHECK(with_params("/search?", {{"q", "1"}}) == "/search?q=1");
  CHECK(with_params("/search?a=1&", {{"q", "1"}}) == "/search?a=1&q=1");
  CHECK(with_params("/page#part", {{"q", "1"}}) == "/page?q=1");
  CHECK(with_params("/page", {{"flag", ""}}) == "/page?flag=");
}

TEST_CASE("a field without a name is one of the list, and one that was left out is not") {
  CHECK(with_params("/", {{"a", "1"}, {"", "2"}, {"b", "3"}}) == "/?a=1&=2&b=3");
  CHECK(with_params("/", {{"a", "1"}, {}, {"b", "3"}}) == "/?a=1&b=3");
  CHECK(Fields(Field{}).empty());
  CHECK(Fields({"", ""}).size() == 1);
}

TEST_CASE("more fields than fit in braces come as a span") {
  std::array<Field, 10> fields;
  fields.fill({"n", "v"});
  CHECK(with_params("/", Fields(fields)).size() == 1 + 10 * 4);
  CHECK(Body(Form(fields)).text().size() == 10 * 4 - 1);
}

TEST_CASE("a body knows its content type") {
  CHECK(Body("plain").text() == "plain");
  CHECK(Body("plain").content_type().empty());
  CHECK(Body(std::string("a\0b", 3)).text().size() == 3);
  CHECK(Body(json{{"user", "ann"}}).text() == R"({"user":"ann"})");
  CHECK(Body(json{{"user", "ann"}}).content_type() == "application/json");
  CHECK(Body(Form{{"user", "ann b"}, {"word", "s&cret"}}).text() == "user=ann+b&word=s%26cret");
  CHECK(Body(Form{{"user", "ann"}}).content_type() == "application/x-www-form-urlencoded");
}
