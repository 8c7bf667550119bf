#include "tests/support/target/request.hpp"

#include "tests/support/target/target.hpp"
#include "tests/support/target/tests/raw_client.hpp"

#include <doctest/doctest.h>

namespace katydid::target {
namespace {

constexpr std::string_view host = "Host: x\r\n";

int refusal(std::string_view line, std::string_view headers) {
  Request request;
  const auto refused = request.parse(std::string(line) + "\r\n" + std::string(headers) + "\r\n");
  return refused ? refused->status : 0;
}

}  // namespace

TEST_CASE("a request's head is taken apart") {
  Request request;
  REQUIRE_FALSE(
      request.parse("POST /a%20b?x=1&y HTTP/1.1\r\nHost: x\r\nX-A:  spaced \t\r\nContent-Length: 12\r\n"
                    "Expect: 100-continue\r\n\r\n"));
  CHECK(request.method == "POST");
  CHECK(request.target == "/a%20b?x=1&y");
  CHECK(request.path == "/a%20b");
  CHECK(request.query == "x=1&y");
  CHECK(request.key == "POST /a%20b");
  CHECK(request.headers.size() == 4);
  CHECK(request.header("x-a") == "spaced");
  CHECK(request.framing == Request::Framing::length);
  CHECK(request.length == 12);
  CHECK(request.expects_continue);
  CHECK(request.keep_alive);

  SUBCASE("and the next one owes nothing to it") {
    REQUIRE_FALSE(request.parse("GET http://proxied:80?q HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    CHECK(request.path == "/");
    CHECK(request.query == "q");
    CHECK(request.key == "GET /");
    CHECK(request.framing == Request::Framing::none);
    CHECK(request.length == 0);
    CHECK_FALSE(request.expects_continue);
    CHECK(request.keep_alive);
  }
  SUBCASE("keep-alive is HTTP/1.1's default and close its exception") {
    REQUIRE_FALSE(request.parse("GET / HTTP/1.0\r\n\r\n"));
    CHECK_FALSE(request.keep_alive);
    REQUIRE_FALSE(request.parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n"));
    CHECK_FALSE(request.keep_alive);
  }
}

TEST_CASE("what a careful server refuses is refused") {
  CHECK(refusal("GET / HTTP/1.1", host) == 0);
  CHECK(refusal("GET / HTTP/1.1", "") == 400);  // no Host
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nHost: x\r\n") == 400);
  CHECK(refusal("GET /", host) == 400);
  CHECK(refusal("GET  / HTTP/1.1", host) == 400);
  CHECK(refusal("G(T / HTTP/1.1", host) == 400);
  CHECK(refusal("GET relative HTTP/1.1", host) == 400);
  CHECK(refusal("GET /#fragment HTTP/1.1", host) == 400);
  CHECK(refusal("GET /a\tb HTTP/1.1", host) == 400);
  CHECK(refusal("GET / HTTP/2.0", host) == 505);
  CHECK(refusal("GET / http/1.1", host) == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nno colon\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host : x\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\n folded\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", std::string_view("Host: a\0b\r\n", 11)) == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nContent-Length: -1\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nContent-Length: +1\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nContent-Length: 99999999999999999999\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nTransfer-Encoding: gzip, chunked\r\n") == 501);
  CHECK(refusal("GET / HTTP/1.0", "Transfer-Encoding: chunked\r\n") == 400);
  CHECK(refusal("GET / HTTP/1.1", "Host: x\r\nExpect: tea\r\n") == 417);
}

TEST_CASE("the end of a head is found however it arrives") {
  const std::string head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  std::size_t scanned = 0;
  for (std::size_t size = 0; size < head.size(); ++size) {
    REQUIRE(find_head_end(std::string_view(head).substr(0, size), scanned) == 0);
  }
  CHECK(find_head_end(head + "GET", scanned) == head.size());
}

TEST_CASE("refused requests are answered, counted apart, and end the connection") {
  Target target;
  const auto answer_to = [&](const std::string& bytes) {
    RawClient client(target.port());
    client.send(bytes);
    return client.read_all();
  };
  CHECK(answer_to("nonsense\r\n\r\nGET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(answer_to("GET / HTTP/1.1\nHost: x\n\n").starts_with("HTTP/1.1 400 Bad Request\r\n"));
  CHECK(answer_to("PRI * HTTP/2.0\r\n\r\n").starts_with("HTTP/1.1 505 "));
  const std::string start = "GET /hello HTTP/1.1\r\nHost: x\r\nX: ";
  CHECK(answer_to(start + std::string(64 * 1024, 'x')).starts_with("HTTP/1.1 431 "));
  CHECK(answer_to(start + std::string(64 * 1024, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
  CHECK(target.counts().rejected == 5);
  CHECK(target.counts().started == 0);
  CHECK(answer_to(start + std::string(60 * 1024, 'x') + "\r\nConnection: close\r\n\r\n")
            .starts_with("HTTP/1.1 200 OK\r\n"));
}

}  // namespace katydid::target
