#include "worker/metrics/scrape_request.hpp"

#include <doctest/doctest.h>

#include <string>

using katydid::metrics::ScrapeRequest;
using Kind = ScrapeRequest::Kind;

TEST_CASE("a scraper gets its page, and all else an answer") {
  const auto parse = [](const std::string& line) { return ScrapeRequest::parse(line + "\r\nHost: x\r\n\r\n"); };
  CHECK(parse("GET /metrics HTTP/1.1") == Kind::page);
  CHECK(parse("GET /metrics?name[]=up HTTP/1.0") == Kind::page);
  CHECK(parse("HEAD /metrics HTTP/1.1") == Kind::head);
  CHECK(parse("GET / HTTP/1.1") == Kind::elsewhere);
  CHECK(parse("GET /metricsx HTTP/1.1") == Kind::elsewhere);
  CHECK(parse("POST /metrics HTTP/1.1") == Kind::not_allowed);
  for (const char* line :
       {"", " ", "GET", "GET /metrics", "GET  HTTP/1.1", "GET /metrics HTTP/2", "GET metrics HTTP/1.1",
        "GET /metrics x HTTP/1.1", " /metrics HTTP/1.1", "GET /\x01 HTTP/1.1", "GET /\xff HTTP/1.1"}) {
    CAPTURE(line);
    CHECK(parse(line) == Kind::malformed);
  }
}

TEST_CASE("a request is waited for up to a bound") {
  const std::string whole = "GET /metrics HTTP/1.1\r\n\r\n";
  for (std::size_t end = 0; end < whole.size(); ++end) CHECK_FALSE(ScrapeRequest::parse(whole.substr(0, end)));
  const std::string begun = "GET /metrics HTTP/1.1\r\nX: ";
  CHECK_FALSE(ScrapeRequest::parse(begun + std::string(ScrapeRequest::max_bytes - begun.size() - 1, 'x')));
  CHECK(ScrapeRequest::parse(begun + std::string(ScrapeRequest::max_bytes - begun.size(), 'x')) == Kind::malformed);
}
