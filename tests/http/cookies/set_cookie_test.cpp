#include "http/cookies/set_cookie.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

SetCookie parsed(std::string_view text) {
  const auto cookie = parse_set_cookie(text);
  REQUIRE(cookie);
  return *cookie;
}

}  // namespace

TEST_CASE("a cookie is a name and a value") {
  CHECK(parsed("a=b").name == "a");
  CHECK(parsed("a=b").value == "b");
  CHECK(parsed(" \ta \t=\t b \t").name == "a");
  CHECK(parsed(" \ta \t=\t b \t").value == "b");
  CHECK(parsed("a=").value.empty());
  CHECK(parsed("a=b=c==").value == "b=c==");
  CHECK(parsed("a=\"b, c\"").value == "\"b, c\"");
  CHECK(parsed("a b=c d").name == "a b");
  CHECK(parsed("a=b c").value == "b c");
  CHECK(parsed("a=b\tc").value == "b\tc");
  CHECK(parsed("a=\xC3\xA9").value == "\xC3\xA9");
  CHECK(parsed("a=b;").value == "b");
  CHECK(parsed("Path=/x").name == "Path");
}

TEST_CASE("what has no name, or a control character, is no cookie") {
  using namespace std::string_view_literals;
  for (const auto text : {""sv, "a"sv, "=b"sv, " =b"sv, "="sv, ";a=b"sv, "; Path=/"sv, "a;b=c"sv, "a=b\x01"sv,
                          "a=b; Path=/\x7f"sv, "a\0=b"sv, "a=b\r\nSet-Cookie: c=d"sv, "a=b; x=\n"sv}) {
    CAPTURE(text);
    CHECK_FALSE(parse_set_cookie(text));
  }
}

TEST_CASE("attributes are read in any case of letters") {
  const auto cookie = parsed(
      "a=b; EXPIRES=Thu, 01 Jan 1970 00:00:09 GMT; max-age=60; DoMaIn=.Example.com; path=/x; SECURE; httponly; "
      "SameSite=Lax");
  CHECK(cookie.expires == std::chrono::sys_seconds(9s));
  CHECK(cookie.max_age == 60s);
  CHECK(cookie.domain == "Example.com");
  CHECK(cookie.path == "/x");
  CHECK(cookie.secure);
  CHECK(cookie.http_only);
}

TEST_CASE("attributes stand alone, with spaces, twice, or make no sense") {
  const auto bare = parsed("a=b");
  CHECK_FALSE(bare.expires);
  CHECK_FALSE(bare.max_age);
  CHECK_FALSE(bare.domain);
  CHECK_FALSE(bare.path);
  CHECK_FALSE(bare.secure);
  CHECK_FALSE(bare.http_only);

  CHECK(parsed("a=b;Path= /x ;; ; Path").path == "");
  CHECK(parsed("a=b;Path=/x; Path=/y").path == "/y");
  CHECK(parsed("a=b;Domain=x.org;Domain=").domain == "");
  CHECK(parsed("a=b;Domain=..x.org").domain == ".x.org");
  CHECK(parsed("a=b;Secure=false").secure);
  CHECK_FALSE(parsed("a=b;Secured").secure);
  CHECK(parsed("a=b; Path=/x=y").path == "/x=y");
  CHECK(parsed("a=b; Path=\"/x\"").path == "\"/x\"");
  CHECK_FALSE(parsed("a=b; Expires=tomorrow").expires);
  CHECK(parsed("a=b; Expires=1 Jan 1970 00:00:09; Expires=tomorrow").expires == std::chrono::sys_seconds(9s));
}

TEST_CASE("Max-Age is a whole number") {
  CHECK(parsed("a=b; Max-Age=0").max_age == 0s);
  CHECK(parsed("a=b; Max-Age=-1").max_age == -1s);
  CHECK(parsed("a=b; Max-Age=007").max_age == 7s);
  CHECK(parsed("a=b; Max-Age=5; Max-Age=x").max_age == 5s);
  CHECK(*parsed("a=b; Max-Age=" + std::string(100, '9')).max_age > std::chrono::years(30'000));
  CHECK(*parsed("a=b; Max-Age=-" + std::string(100, '9')).max_age < 0s);
  for (const auto* text : {"", "-", "+5", "5s", "1.5", "\"5\"", "--5", "0x5"}) {
    CAPTURE(std::string(text));
    CHECK_FALSE(parsed(std::string("a=b; Max-Age=") + text).max_age);
  }
}

TEST_CASE("sizes are bounded") {
  CHECK(parse_set_cookie("a=" + std::string(4095, 'x')));
  CHECK_FALSE(parse_set_cookie("a=" + std::string(4096, 'x')));
  CHECK_FALSE(parse_set_cookie(std::string(4096, 'x') + "=y"));
  CHECK(parsed("a=b; Path=/" + std::string(1023, 'x')).path->size() == 1024);
  CHECK_FALSE(parsed("a=b; Path=/" + std::string(1024, 'x')).path);
  CHECK(parsed("a=b; junk=" + std::string(100'000, 'x') + "; Secure").secure);
}
