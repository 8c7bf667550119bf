#include "tests/support/target/routes.hpp"
#include "tests/support/target/routes/malformed.hpp"
#include "tests/support/target/target.hpp"
#include "tests/support/target/tests/raw_client.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace katydid::target {

TEST_CASE("connections are closed where the path says") {
  Target target;
  RawClient client(target.port());
  SUBCASE("before the answer") {
    client.get("/close/before");
    CHECK(client.read_all().empty());
  }
  SUBCASE("in the head") {
    client.get("/close/headers");
    CHECK(client.read_all() == "HTTP/1.1 200 OK\r\nContent-Ty");
  }
  SUBCASE("in the body") {
    client.get("/close/body?bytes=100&sent=7");
    const auto answer = client.read_all();
    CHECK(answer.find("Content-Length: 100\r\n") != std::string::npos);
    CHECK(answer.substr(answer.find("\r\n\r\n") + 4) == "abcdefg");
  }
  SUBCASE("after the answer, as announced") {
    const auto answer = client.fetch("/close/after");
    CHECK(answer.header("Connection") == "close");
    CHECK(client.read_all().empty());
  }
  SUBCASE("after some answers, unannounced") {
    CHECK(client.fetch("/keepalive/3").header("Connection").empty());
    CHECK(client.fetch("/keepalive/3").header("Connection").empty());
    CHECK_FALSE(client.arrives(std::chrono::milliseconds(20)));
    CHECK(client.fetch("/keepalive/3").header("Connection").empty());
    CHECK(client.read_all().empty());
    CHECK(target.counts().completed == 3);
  }
  SUBCASE("with a reset") {
    client.get("/reset");
    CHECK(client.ended_by_reset());
  }
}

TEST_CASE("every kind of malformed answer is sent as its table says") {
  std::set<std::string_view> names;
  Target target;
  std::uint64_t sent = 0;
  for (const auto& kind : malformed_kinds()) {
    INFO(kind.kind);
    CHECK(names.insert(kind.kind).second);
    const auto expected = kind.generate ? kind.generate(Query("")) : std::string(kind.bytes);
    CHECK_FALSE(expected.empty());
    RawClient client(target.port());
    client.get("/malformed/" + std::string(kind.kind));
    if (kind.keeps) client.get("/hello", "Connection: close\r\n");
    const auto received = client.read_all();
    CHECK(received.substr(0, expected.size()) == expected);
    CHECK(received.substr(std::min(expected.size(), received.size())).starts_with("HTTP/1.1 200 OK") == kind.keeps);
    CHECK(target.counts().path("GET /malformed/" + std::string(kind.kind)).completed == 1);
    sent += kind.keeps ? 2 : 1;
  }
  CHECK(target.counts().completed == sent);
  CHECK(target.counts().aborted == 0);
}

TEST_CASE("docs/target.md has every path and every kind") {
  std::ifstream file(KATYDID_TARGET_DOCS);
  std::stringstream text;
  text << file.rdbuf();
  REQUIRE_FALSE(text.str().empty());
  for (const auto& route : routes()) {
    const auto usage = std::string(route.usage.substr(0, route.usage.find('?')));
    CHECK_MESSAGE(text.str().find("`" + usage) != std::string::npos, usage);
  }
  for (const auto& kind : malformed_kinds()) {
    const auto row = "| `" + std::string(kind.kind) + "` | " + std::string(kind.summary) + " | " +
                     (kind.keeps ? "keeps |\n" : "|\n");
    CHECK_MESSAGE(text.str().find(row) != std::string::npos, row);
  }
}

TEST_CASE("an unknown kind lists those there are") {
  Target target;
  RawClient client(target.port());
  const auto answer = client.fetch("/malformed/x");
  CHECK(answer.status == 404);
  for (const auto& kind : malformed_kinds())
    CHECK(answer.body.find("\n" + std::string(kind.kind) + ": ") != std::string::npos);
}

TEST_CASE("an early answer comes before the request's body") {
  Target target;
  RawClient client(target.port());
  const std::string head = " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
  SUBCASE("which is then read, and the connection goes on") {
    client.send("POST /malformed/early" + head);
    CHECK(client.read_answer().body == "ok");
    client.send("hello");
    CHECK(client.fetch("/hello").status == 200);
  }
  SUBCASE("which nobody reads any more") {
    client.send("POST /malformed/early-close" + head);
    CHECK(client.read_answer().status == 413);
    CHECK(client.read_all().empty());
    CHECK(target.counts().failed == 1);
  }
}

}  // namespace katydid::target
