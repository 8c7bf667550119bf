#include "http/cookies/jar.hpp"

#include "http/url.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <stdexcept>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

constexpr CookieJar::Time start = std::chrono::sys_days(std::chrono::year(2026) / 7 / 1) + 500ms;

struct Jar : CookieJar {
  CookieJar::Time now = start;

  bool take(std::string_view url, std::string_view set_cookie) { return store(set_cookie, split_url(url), now); }

  std::string sent(std::string_view url) {
    std::string header;
    const bool any = append_header(header, split_url(url), now);
    CHECK(any == !header.empty());
    return header;
  }
};

/// What is sent to one URL after another has set the cookies.
std::string exchange(std::string_view from, std::initializer_list<std::string_view> set_cookies, std::string_view to) {
  Jar jar;
  for (const auto text : set_cookies) jar.take(from, text);
  return jar.sent(to);
}

}  // namespace

TEST_CASE("a jar without cookies is one pointer") {
  static_assert(sizeof(CookieJar) == sizeof(void*));
  Jar jar;
  CHECK(jar.empty());
  CHECK(jar.sent("http://a.example/").empty());
  CHECK(jar.list().empty());
  CHECK(jar.get("a").empty());
  CHECK(jar.take("http://a.example/", "a=b; Max-Age=0"));
  CHECK(jar.empty());
  jar.take("http://a.example/", "a=b");
  CHECK_FALSE(jar.empty());
  jar.take("http://a.example/", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(jar.empty());
}

TEST_CASE("cookies go back to where they came from") {
  CHECK(exchange("http://a.example/", {"one=1", "two=2"}, "http://a.example/x?y") == "one=1; two=2");
  CHECK(exchange("http://A.Example:8080/", {"one=1"}, "https://a.eXample/") ==
        "one=1");  // ports and schemes don't matter
  CHECK(exchange("http://a.example/", {"one=1"}, "http://b.example/").empty());
  CHECK(exchange("http://a.example/", {"one=1"}, "http://x.a.example/").empty());
  CHECK(exchange("http://a.example/", {"one=1"}, "http://example/").empty());
  CHECK(exchange("http://a.example?q", {"one=1"}, "http://a.example") == "one=1");
}

TEST_CASE("what is there already in the header stays") {
  Jar jar;
  jar.take("http://a.example/", "one=1");
  std::string header = "Cookie: ";
  CHECK(jar.append_header(header, split_url("http://a.example/"), start));
  CHECK(header == "Cookie: one=1");
  CHECK_FALSE(jar.append_header(header, split_url("http://b.example/"), start));
  CHECK(header == "Cookie: one=1");
}

TEST_CASE("a cookie of the same name, domain and path is replaced") {
  const auto* const url = "http://a.example/";
  CHECK(exchange(url, {"a=1", "b=2", "a=3"}, url) == "a=3; b=2");  // and keeps its place
  CHECK(exchange(url, {"a=1", "A=2"}, url) == "a=1; A=2");
  CHECK(exchange(url, {"a=1", "a=2; Domain=a.example"}, url) == "a=1; a=2");  // for this host, and for all below it
  CHECK(exchange("http://a.example/x/y", {"a=1; Path=/x", "a=2"}, "http://a.example/x/y") == "a=2");
  CHECK(exchange("http://a.example/x/y", {"a=1; Path=/", "a=2"}, "http://a.example/x/y") == "a=2; a=1");
}

TEST_CASE("longer paths go first, then older cookies") {
  CHECK(exchange("http://a.example/x/y/z",
                 {"a=1; Path=/", "b=2; Path=/x/y", "c=3; Path=/", "d=4; Path=/x/y", "e=5; Path=/x"},
                 "http://a.example/x/y/z") == "b=2; d=4; e=5; a=1; c=3");
}

TEST_CASE("Domain widens to the hosts below") {
  const auto* const url = "http://www.shop.example/";
  for (const auto* domain : {"shop.example", ".shop.example", "SHOP.Example"}) {
    CAPTURE(std::string(domain));
    const auto text = std::string("a=1; Domain=") + domain;
    CHECK(exchange(url, {text}, "http://shop.example/") == "a=1");
    CHECK(exchange(url, {text}, "http://www.shop.example/") == "a=1");
    CHECK(exchange(url, {text}, "http://x.y.SHOP.example/") == "a=1");
    CHECK(exchange(url, {text}, "http://bigshop.example/").empty());
    CHECK(exchange(url, {text}, "http://example/").empty());
  }
  CHECK(exchange(url, {"a=1; Domain=www.shop.example"}, "http://x.www.shop.example/") == "a=1");
  CHECK(exchange(url, {"a=1; Domain=www.shop.example"}, "http://shop.example/").empty());
}

TEST_CASE("a host sets no cookies for others") {
  Jar jar;
  for (const auto* domain : {"other.example", "x.www.shop.example", "ww.shop.example", "op.example", "w.shop.example",
                             "..shop.example", "shop.example.", "shop.example:80", "example", ".example", "com", "."}) {
    CAPTURE(std::string(domain));
    CHECK(jar.take("http://www.shop.example/", std::string("a=1; Domain=") + domain) ==
          (domain == std::string_view(".")));
    jar.clear();
  }
}

TEST_CASE("an empty Domain is none") {
  for (const auto* text : {"a=1; Domain", "a=1; Domain=", "a=1; Domain=.", "a=1; Domain=other.example; Domain="}) {
    CAPTURE(text);
    CHECK(exchange("http://a.example/", {text}, "http://a.example/") == "a=1");
    CHECK(exchange("http://a.example/", {text}, "http://x.a.example/").empty());
  }
  CHECK(exchange("http://a.example/", {"a=1; Domain=other.example; Domain=a.example"}, "http://x.a.example/") == "a=1");
}

TEST_CASE("a host of one label keeps its cookies to itself") {
  CHECK(exchange("http://localhost/", {"a=1"}, "http://localhost/") == "a=1");
  CHECK(exchange("http://target:8080/", {"a=1; Domain=target"}, "http://target/") == "a=1");
  CHECK(exchange("http://target/", {"a=1; Domain=target"}, "http://x.target/").empty());
  CHECK(exchange("http://x.target/", {"a=1; Domain=target"}, "http://target/").empty());
}

TEST_CASE("addresses have no hosts below them") {
  CHECK(exchange("http://127.0.0.1:80/", {"a=1"}, "http://127.0.0.1:81/") == "a=1");
  CHECK(exchange("http://127.0.0.1/", {"a=1; Domain=127.0.0.1"}, "http://127.0.0.1/") == "a=1");
  CHECK(exchange("http://127.0.0.1/", {"a=1; Domain=127.0.0.1"}, "http://8.127.0.0.1/").empty());
  CHECK(exchange("http://127.0.0.1/", {"a=1; Domain=0.0.1"}, "http://127.0.0.1/").empty());
  CHECK(exchange("http://127.0.0.1/", {"a=1; Domain=.0.0.1"}, "http://127.0.0.1/").empty());
  CHECK(exchange("http://127.0.0.1./", {"a=1; Domain=0.1."}, "http://127.0.0.1./").empty());
  CHECK(exchange("http://[::1]/", {"a=1"}, "http://[::1]:8080/") == "a=1");
  CHECK(exchange("http://[FE80::a]/", {"a=1; Domain=[fe80::A]"}, "http://[fe80::A]/") == "a=1");
  CHECK(exchange("http://[::1]/", {"a=1"}, "http://[::2]/").empty());
}

TEST_CASE("the path is the URL's folder, when none is given") {
  CHECK(exchange("http://a.example/x/y", {"a=1"}, "http://a.example/x") == "a=1");
  CHECK(exchange("http://a.example/x/y", {"a=1"}, "http://a.example/x/z") == "a=1");
  CHECK(exchange("http://a.example/x/y", {"a=1"}, "http://a.example/").empty());
  CHECK(exchange("http://a.example/x/", {"a=1"}, "http://a.example/x") == "a=1");
  CHECK(exchange("http://a.example/x", {"a=1"}, "http://a.example/") == "a=1");
  CHECK(exchange("http://a.example/x?/y/z", {"a=1"}, "http://a.example/y") == "a=1");
  CHECK(exchange("http://a.example/x/y", {"a=1; Path=x"}, "http://a.example/x") == "a=1");
  CHECK(exchange("http://a.example/x/y", {"a=1; Path="}, "http://a.example/").empty());
}

TEST_CASE("a path matches itself and what is below it") {
  const auto sent = [](std::string_view path, std::string_view to) {
    return exchange("http://a.example/", {std::string("a=1; Path=").append(path)},
                    std::string("http://a.example").append(to)) == "a=1";
  };
  CHECK(sent("/x", "/x"));
  CHECK(sent("/x", "/x/"));
  CHECK(sent("/x", "/x/y"));
  CHECK(sent("/x", "/x?y"));
  CHECK(sent("/", "/x"));
  CHECK(sent("/x/", "/x/y"));
  CHECK_FALSE(sent("/x/", "/x"));
  CHECK_FALSE(sent("/x", "/xy"));
  CHECK_FALSE(sent("/x", "/X"));
  CHECK_FALSE(sent("/x", "/"));
  CHECK_FALSE(sent("/x?y", "/x?y"));
}

TEST_CASE("secure cookies come and go by TLS only") {
  CHECK(exchange("https://a.example/", {"a=1; Secure"}, "https://a.example/") == "a=1");
  CHECK(exchange("https://a.example/", {"a=1; Secure"}, "http://a.example/").empty());
  CHECK(exchange("http://a.example/", {"a=1; Secure"}, "https://a.example/").empty());
  CHECK(exchange("http://localhost/", {"a=1; Secure"}, "http://LocalHost/") == "a=1");  // needs none to be trusted
  CHECK(exchange("http://127.0.0.1/", {"a=1; Secure"}, "http://127.0.0.1/") == "a=1");
  CHECK(exchange("http://[::1]/", {"a=1; Secure"}, "http://[::1]/") == "a=1");
}

TEST_CASE("a secure cookie is not replaced or hidden in the clear") {
  Jar jar;
  jar.take("https://www.shop.example/x/y", "a=1; Secure; Path=/x; Domain=shop.example");
  CHECK_FALSE(jar.take("http://shop.example/x/y", "a=2; Path=/x; Domain=shop.example"));
  CHECK_FALSE(jar.take("http://shop.example/x/y", "a=2; Path=/x/y"));
  CHECK_FALSE(jar.take("http://www.shop.example/x/y", "a=2; Path=/x"));
  CHECK_FALSE(jar.take("http://shop.example/x", "a=; Max-Age=0; Path=/x; Domain=shop.example"));
  CHECK(jar.take("http://shop.example/", "a=2; Path=/"));
  CHECK(jar.take("http://shop.example/", "a=3; Path=/xy"));
  CHECK(jar.take("http://shop.example/", "b=4; Path=/x"));
  CHECK(jar.sent("https://shop.example/x") == "a=1; b=4; a=2");
  CHECK(jar.take("https://shop.example/x/y", "a=5; Path=/x; Domain=shop.example"));  // TLS may, Secure or not
  CHECK(jar.sent("http://shop.example/x") == "a=5; b=4; a=2");
}

TEST_CASE("prefixes of a name are kept to") {
  Jar jar;
  CHECK(jar.take("https://a.example/", "__Secure-a=1; Secure; Domain=a.example"));
  CHECK_FALSE(jar.take("https://a.example/", "__Secure-b=1"));
  CHECK_FALSE(jar.take("http://a.example/", "__Secure-b=1; Secure"));
  CHECK(jar.take("https://a.example/", "__Host-a=1; Secure; Path=/"));
  CHECK_FALSE(jar.take("https://a.example/", "__Host-b=1; Secure"));
  CHECK_FALSE(jar.take("https://a.example/", "__Host-b=1; Path=/"));
  CHECK_FALSE(jar.take("https://a.example/", "__Host-b=1; Secure; Path=/x"));
  CHECK_FALSE(jar.take("https://a.example/", "__Host-b=1; Secure; Path=/; Domain=a.example"));
  CHECK_FALSE(jar.take("https://a.example/", "__host-b=1"));
  CHECK(jar.take("http://a.example/", "__Hosts=1"));
  CHECK(jar.size() == 3);
}

TEST_CASE("cookies expire") {
  Jar jar;
  jar.take("http://a.example/", "age=1; Max-Age=10");
  jar.take("http://a.example/", "date=1; Expires=Wed, 01 Jul 2026 00:00:20 GMT");
  jar.take("http://a.example/", "both=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=30");  // Max-Age counts
  jar.take("http://a.example/", "none=1");
  jar.take("http://a.example/", "bad=1; Expires=soon");
  jar.take("http://a.example/", "far=1; Max-Age=99999999999999999999");
  jar.now += 9s;
  CHECK(jar.sent("http://a.example/") == "age=1; date=1; both=1; none=1; bad=1; far=1");
  jar.now += 1s;
  CHECK(jar.size() == 6);
  CHECK(jar.sent("http://a.example/") == "date=1; both=1; none=1; bad=1; far=1");
  CHECK(jar.size() == 5);
  jar.now += 10s;
  CHECK(jar.sent("http://a.example/") == "both=1; none=1; bad=1; far=1");
  jar.now += 10s;
  CHECK(jar.sent("http://a.example/") == "none=1; bad=1; far=1");
}

TEST_CASE("the last cookie that expires leaves an empty jar") {
  Jar jar;
  jar.take("http://a.example/", "a=1; Max-Age=10");
  jar.now += 10s;
  CHECK(jar.sent("http://b.example/").empty());
  CHECK(jar.empty());
}

TEST_CASE("a server deletes its cookies") {
  Jar jar;
  jar.take("http://a.example/", "a=1");
  jar.take("http://a.example/", "b=1; Domain=a.example");
  CHECK(jar.take("http://a.example/", "a=; Max-Age=-1"));
  CHECK(jar.take("http://a.example/", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"));  // another: that of this host only
  CHECK(jar.sent("http://a.example/") == "b=1");
  CHECK(jar.take("http://a.example/", "b=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=a.example"));
  CHECK(jar.empty());
}

TEST_CASE("a domain has a bounded number of cookies, the longest unused goes") {
  Jar jar;
  jar.take("http://b.example/", "other=1");
  jar.take("http://a.example/", "first=1; Path=/used");
  for (std::size_t i = 1; i < CookieJar::most_cookies_of_a_domain; ++i)
    jar.take("http://a.example/", "c" + std::to_string(i) + "=x; Path=/c");
  CHECK(jar.size() == CookieJar::most_cookies_of_a_domain + 1);
  CHECK(jar.sent("http://a.example/used") == "first=1");
  jar.take("http://a.example/", "new=1");
  CHECK(jar.size() == CookieJar::most_cookies_of_a_domain + 1);
  CHECK(jar.get("first") == "1");
  CHECK(jar.get("other") == "1");
  CHECK(jar.get("c1").empty());
  CHECK(jar.get("c2") == "x");
  CHECK(jar.get("new") == "1");
}

TEST_CASE("a jar has a bounded number of cookies") {
  Jar jar;
  for (std::size_t i = 0; i < CookieJar::most_cookies + 10; ++i)
    jar.take("http://h" + std::to_string(i / 100) + ".example/",
             "c" + std::to_string(i) + "=x; Max-Age=" + (i == 5 ? "5" : "50"));
  CHECK(jar.size() == CookieJar::most_cookies);
  CHECK(jar.get("c9").empty());
  CHECK(jar.get("c10") == "x");
  jar.now += 10s;
  jar.take("http://new.example/", "new=1");
  CHECK(jar.get("c11") == "x");
}

TEST_CASE("expired cookies make room before others go") {
  Jar jar;
  jar.take("http://a.example/", "first=1");
  for (std::size_t i = 1; i < CookieJar::most_cookies_of_a_domain; ++i)
    jar.take("http://a.example/", "c" + std::to_string(i) + "=x; Max-Age=5");
  jar.now += 5s;
  jar.take("http://a.example/", "new=1");
  CHECK(jar.sent("http://a.example/") == "first=1; new=1");
}

TEST_CASE("URLs without a host or with giant parts set nothing") {
  Jar jar;
  CHECK_FALSE(jar.take("/x", "a=1"));
  CHECK_FALSE(jar.take("http:///x", "a=1"));
  CHECK_FALSE(jar.take("http://" + std::string(256, 'a') + "/", "a=1"));
  CHECK_FALSE(jar.take("http://a.example/" + std::string(5000, 'a') + "/", "a=1"));
  CHECK(jar.take("http://a.example/" + std::string(5000, 'a') + "/", "a=1; Path=/"));
}

TEST_CASE("users read, set and erase cookies") {
  Jar jar;
  const Url url = split_url("https://a.example/x/y");
  jar.set("token", "t 1", url, start);
  CHECK(jar.get("token") == "t 1");
  CHECK(jar.sent("http://a.example/") == "token=t 1");
  jar.take("https://a.example/x/y", "token=2; HttpOnly; Secure; Max-Age=10; Domain=A.example");
  CHECK(jar.get("token") == "2");  // the longer path goes first

  const auto list = jar.list();
  REQUIRE(list.size() == 2);
  CHECK(list[0].name == "token");
  CHECK(list[0].value == "2");
  CHECK(list[0].domain == "a.example");
  CHECK(list[0].path == "/x");
  CHECK_FALSE(list[0].host_only);
  CHECK(list[0].secure);
  CHECK(list[0].http_only);
  CHECK(list[0].expires == std::chrono::floor<std::chrono::seconds>(start) + 10s);
  CHECK(list[1].path == "/");
  CHECK(list[1].host_only);
  CHECK_FALSE(list[1].secure);
  CHECK_FALSE(list[1].http_only);
  CHECK_FALSE(list[1].expires);

  CHECK(jar.erase("none") == 0);
  CHECK(jar.erase("token") == 2);
  CHECK(jar.empty());
  jar.set("__Host-id", "1", url, start);
  CHECK(jar.sent("https://a.example/") == "__Host-id=1");
  jar.clear();
  CHECK(jar.empty());
}

TEST_CASE("a cookie that can't be sent can't be set") {
  Jar jar;
  const Url url = split_url("http://a.example/");
  CHECK_THROWS_AS(jar.set("", "1", url, start), std::invalid_argument);
  CHECK_THROWS_AS(jar.set("a=b", "1", url, start), std::invalid_argument);
  CHECK_THROWS_AS(jar.set("a;b", "1", url, start), std::invalid_argument);
  CHECK_THROWS_AS(jar.set("a", "1; Path=/", url, start), std::invalid_argument);
  CHECK_THROWS_AS(jar.set("a", "1\r\nX: y", url, start), std::invalid_argument);
  CHECK_THROWS_AS(jar.set("a", " 1", url, start), std::invalid_argument);
  CHECK_THROWS_AS(jar.set("a", std::string(5000, 'x'), url, start), std::invalid_argument);
  CHECK_THROWS_WITH(jar.set("__Host-a", "1", url, start), "the cookie __Host-a can't be set for a.example without TLS");
  CHECK_THROWS_AS(jar.set("a", "1", split_url("/x"), start), std::invalid_argument);
  CHECK(jar.empty());
}

TEST_CASE("a jar moves with its cookies") {
  Jar jar;
  jar.take("http://a.example/", "a=1");
  CookieJar other = std::move(static_cast<CookieJar&>(jar));
  CHECK(other.get("a") == "1");
  static_cast<CookieJar&>(jar) = std::move(other);
  CHECK(jar.get("a") == "1");
}
