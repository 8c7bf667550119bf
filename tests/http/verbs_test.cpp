#include "http/verbs.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

/// Answers with what it was asked for.
struct Echo : Verbs<Echo> {
  std::string start(std::string_view method, std::string_view url, Body body, const RequestOptions& options) {
    std::string text(method);
    text.append(" ").append(url).append(" ").append(body.text());
    return text.append(" ").append(body.content_type()).append(" ").append(options.name);
  }
};

}  // namespace

TEST_CASE("a verb takes options alone") {
  Echo client;
  CHECK(client.post("/x", {.name = "n"}) == "POST /x   n");
  CHECK(client.put("/x", {.name = "n"}) == "PUT /x   n");
  CHECK(client.patch("/x", {.name = "n", .timeout = 1s}) == "PATCH /x   n");
  CHECK(client.delete_("/x", {.name = "n", .headers = {{"A", "b"}}}) == "DELETE /x   n");
  CHECK(client.request("PURGE", "/x", {.name = "n"}) == "PURGE /x   n");
  CHECK(client.post("/x", {.headers = {{"A", "b"}}}) == "POST /x   ");
  CHECK(client.post("/x", {.params = {{"a", "b"}, {"c", "d"}}, .catch_response = true}) == "POST /x   ");
  const RequestOptions options{.name = "n"};
  CHECK(client.delete_("/x", options) == "DELETE /x   n");
  CHECK(client.request("PURGE", "/x", options) == "PURGE /x   n");
  CHECK(client.post("/x", RequestOptions{.name = "n"}) == "POST /x   n");
}

TEST_CASE("what is no options is a body still") {
  Echo client;
  CHECK(client.post("/x") == "POST /x   ");
  CHECK(client.post("/x", {}) == "POST /x   ");
  CHECK(client.request("PURGE", "/x", {}) == "PURGE /x   ");
  CHECK(client.post("/x", "text") == "POST /x text  ");
  CHECK(client.post("/x", {"text"}) == "POST /x text  ");
  CHECK(client.post("/x", {"text", "text/plain"}) == "POST /x text text/plain ");
  CHECK(client.post("/x", std::string("text")) == "POST /x text  ");
  CHECK(client.post("/x", {std::string("text")}) == "POST /x text  ");
  CHECK(client.post("/x", std::string_view("text")) == "POST /x text  ");
  CHECK(client.post("/x", Body("text")) == "POST /x text  ");
  CHECK(client.post("/x", json{{"a", 1}}) == R"(POST /x {"a":1} application/json )");
  CHECK(client.post("/x", Value::object()) == "POST /x {} application/json ");
  CHECK(client.delete_("/x", Form{{"a", "1"}}) == "DELETE /x a=1 application/x-www-form-urlencoded ");
  CHECK(client.request("PURGE", "/x", "text") == "PURGE /x text  ");
}

TEST_CASE("a verb takes a body with options") {
  Echo client;
  CHECK(client.post("/x", {}, {.name = "n"}) == "POST /x   n");
  CHECK(client.put("/x", "text", {.name = "n"}) == "PUT /x text  n");
  CHECK(client.patch("/x", json{{"a", 1}}, {.name = "n"}) == R"(PATCH /x {"a":1} application/json n)");
  CHECK(client.delete_("/x", {"text"}, {.name = "n"}) == "DELETE /x text  n");
  CHECK(client.request("PURGE", "/x", {}, {.name = "n"}) == "PURGE /x   n");
}

TEST_CASE("rename_request() names what has no name of its own, as long as it lives") {
  Echo client;
  {
    const auto renamed = client.rename_request("/item/[id]");
    CHECK(client.get("/item/7") == "GET /item/7   /item/[id]");
    CHECK(client.post("/item/7", "text", {.name = "own"}) == "POST /item/7 text  own");
    {
      const auto within = client.rename_request("inner");
      CHECK(client.get("/") == "GET /   inner");
    }
    CHECK(client.get("/") == "GET /   /item/[id]");
    const auto none = client.rename_request("");
    CHECK(client.get("/") == "GET /   ");
  }
  CHECK(client.get("/item/7") == "GET /item/7   ");
}
