#include "http/curl/headers.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace katydid;

namespace {

std::vector<std::string> lines(const curl_slist* list) {
  std::vector<std::string> all;
  for (; list; list = list->next) all.emplace_back(list->data);
  return all;
}

bool has(const CurlHeaders& headers, const std::string& line) {
  return std::ranges::count(lines(headers.lines.get()), line) == 1;
}

}  // namespace

TEST_CASE("without options there are the default headers") {
  const auto headers = make_headers({}, {}, {});
  CHECK(lines(headers.lines.get()).size() == 3);
  CHECK(has(headers, "Accept-Encoding: gzip, deflate"));
  CHECK(has(headers, "Connection: keep-alive"));
  CHECK(headers.error.empty());
  CHECK(headers.cookies.empty());
}

TEST_CASE("a body brings its type, or takes libcurl's away") {
  const auto json = make_headers({}, {}, {.exists = true, .content_type = "application/json"});
  CHECK(has(json, "Content-Type: application/json"));
  CHECK(has(json, "Expect:"));
  CHECK(has(make_headers({}, {}, {.exists = true}), "Content-Type:"));
  const Fields own{{"expect", "100-continue"}, {"CONTENT-TYPE", "text/csv"}};
  const auto asked = make_headers({}, own, {.exists = true, .content_type = "application/json"});
  CHECK(has(asked, "expect: 100-continue"));
  CHECK(has(asked, "CONTENT-TYPE: text/csv"));
  CHECK(lines(asked.lines.get()).size() == 5);
}

TEST_CASE("the request's headers come before the client's, and these before the defaults") {
  ClientOptions client;
  client.headers = {{"X-A", "client"}, {"connection", "close"}, {"X-B", "client"}};
  client.user_agent = "mine";
  const auto headers = make_headers(client, Fields{{"x-a", "own"}, {"x-b", {}}, {"X-Empty", ""}}, {});
  CHECK(has(headers, "User-Agent: mine"));
  CHECK(has(headers, "connection: close"));
  CHECK(has(headers, "x-a: own"));
  CHECK(has(headers, "x-b:"));
  CHECK(has(headers, "X-Empty;"));
  CHECK(lines(headers.lines.get()).size() == 6);
}

TEST_CASE("a Cookie header joins the cookies") {
  const auto headers = make_headers({}, Fields({"cookie", "a=1; b=2"}), {});
  CHECK(headers.cookies == "a=1; b=2");
  CHECK(lines(headers.lines.get()).size() == 3);
}

TEST_CASE("what would break the request is refused") {
  const auto error = [](Field field) { return make_headers({}, Fields(field), {}).error; };
  CHECK(error({"X", "a\nb"}) == "InvalidHeader: the value of a header holds what may not be sent: X");
  CHECK(error({"X", "a\rb"}).starts_with("InvalidHeader: the value"));
  CHECK(error({"X", std::string_view("a\0b", 3)}).starts_with("InvalidHeader: the value"));
  CHECK(error({"X:", "a"}).starts_with("InvalidHeader: the name"));
  CHECK(error({"X\r\nY", "a"}) == "InvalidHeader: the name of a header holds what may not be sent: X??Y");
  CHECK(error({"X", "a\tb \xC3\xA9"}).empty());
}

TEST_CASE("a redirect leaves behind what was about the body, or about another host") {
  const Fields own{{"Authorization", "Bearer x"}, {"X-Kept", "1"}, {"X-Empty", ""}};
  const auto headers = make_headers({}, own, {.exists = true, .content_type = "application/json"});
  const auto all = lines(headers.lines.get()).size();
  const auto less_content = lines(without(headers.lines.get(), {.content = true}).get());
  CHECK(less_content.size() == all - 2);
  CHECK(std::ranges::count(less_content, "Authorization: Bearer x") == 1);
  const auto less_both = lines(without(headers.lines.get(), {.content = true, .credentials = true}).get());
  CHECK(less_both.size() == all - 3);
  CHECK(std::ranges::count(less_both, "X-Kept: 1") == 1);
  CHECK(std::ranges::count(less_both, "X-Empty;") == 1);
}
