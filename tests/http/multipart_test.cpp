#include "http/multipart.hpp"

#include "tests/http/http_client_harness.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace katydid;

namespace {

std::string boundary_of(const Multipart& form) {
  const std::string type = form.content_type();
  return type.substr(type.find('=') + 1);
}

std::string with(const Multipart& form, std::string text) {
  for (std::size_t at = 0; (at = text.find("BOUNDARY", at)) != text.npos;) text.replace(at, 8, boundary_of(form));
  return text;
}

}  // namespace

TEST_CASE("fields and files, as urllib3 writes them") {
  const auto form = Multipart()
                        .field("title", "a \"cat\"")
                        .file("picture", "cat.png", "\x89PNG", "image/png")
                        .file("notes", "a\"b\r\n.txt", "one\r\ntwo");
  CHECK(form.content_type() == "multipart/form-data; boundary=" + boundary_of(form));
  CHECK(boundary_of(form).size() == 32);
  CHECK(form.body() == with(form,
                            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\na \"cat\"\r\n"
                            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"cat.png\"\r\n"
                            "Content-Type: image/png\r\n\r\n\x89PNG\r\n"
                            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"notes\"; "
                            "filename=\"a%22b%0D%0A.txt\"\r\n\r\none\r\ntwo\r\n--BOUNDARY--\r\n"));
}

TEST_CASE("a form without parts") {
  const Multipart form;
  CHECK(form.body() == with(form, "--BOUNDARY--\r\n"));
}

TEST_CASE("further headers of a part, and those that would break the form") {
  Multipart form;
  form.add({.name = "a", .headers = {{"X-Kind", "b"}}, .content = "c"});
  CHECK(
      form.body() ==
      with(form, "--BOUNDARY\r\nContent-Disposition: form-data; name=\"a\"\r\nX-Kind: b\r\n\r\nc\r\n--BOUNDARY--\r\n"));
  CHECK_THROWS_AS(form.add({.name = "a", .headers = {{"X Kind", "b"}}}), std::invalid_argument);
  CHECK_THROWS_AS(form.add({.name = "a", .headers = {{"X-Kind", "b\r\nc"}}}), std::invalid_argument);
  CHECK_THROWS_AS(form.file("a", "b", "c", "text/plain\r\nX: y"), std::invalid_argument);
}

TEST_CASE("a content that has the boundary gets another one") {
  Multipart first;
  first.field("a", "b");
  const std::string old = boundary_of(first);
  Multipart second;
  CHECK(boundary_of(second) == old);
  second.field("x", "y").file("echoed", "form", first.body()).field("z", "");
  CHECK(boundary_of(second) != old);
  const std::string body = second.body();
  CHECK(body.find(first.body()) != body.npos);
  std::size_t times = 0;
  for (std::size_t at = 0; (at = body.find("--" + boundary_of(second), at)) != body.npos; ++at) ++times;
  CHECK(times == 4);
  Multipart third;
  CHECK(boundary_of(third) == old);
}

TEST_CASE_TEMPLATE("a form with files is sent", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  for (int i = 0; i < 2; ++i) {
    const auto response = ask(shard, [](auto& client) {
      return client.post("/echo",
                         Multipart().field("title", "cat").file("picture", "cat.png", std::string(100'000, 'x')));
    });
    REQUIRE(response.ok());
    const auto echo = response.json();
    CHECK(echoed(echo, "Content-Type").starts_with("multipart/form-data; boundary="));
    CHECK(echoed(echo, "Content-Length") == std::to_string(echo["body"].as_string().size()));
    CHECK(echo["body"].as_string().find("filename=\"cat.png\"") != std::string::npos);
  }
}
