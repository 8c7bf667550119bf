#include "http/response.hpp"

#include "http/reason_phrase.hpp"
#include "tests/http/client_harness.hpp"

#include <doctest/doctest.h>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

Response answer(int status, std::string error = {}) {
  return Response({.status = status, .error = std::move(error), .body = "12345", .elapsed = 7ms});
}

}  // namespace

TEST_CASE("headers are found in any case of letters, the first one wins") {
  const Response response({.status = 200,
                           .header_block =
                               "Content-Type:  text/html \r\nX-One: 1\r\n folded\r\nx-one: 2\r\nX-Empty:\r\n"
                               "no colon\r\nLast: z"});
  CHECK(response.header("content-type") == "text/html");
  CHECK(response.header("X-ONE") == "1");
  CHECK(response.header("x-empty").empty());
  CHECK(response.header("last") == "z");
  CHECK(response.header("missing").empty());
  const auto all = response.headers();
  REQUIRE(all.size() == 5);
  CHECK(all[2].name == "x-one");
  CHECK(all[2].value == "2");
}

TEST_CASE("a response is good below 400 and without an error") {
  CHECK(answer(200).ok());
  CHECK(answer(304));
  CHECK_FALSE(answer(404).ok());
  CHECK_FALSE(answer(0).ok());
  CHECK_FALSE(answer(200, "IncompleteRead").ok());
  CHECK_FALSE(Response().ok());
}

TEST_CASE("nothing of an answer is left for the one that gets its memory") {
  Response::Content full{.status = 404,
                         .error = "HTTPError('...')",
                         .header_block = "A: 1\r\n",
                         .body = std::string(100'000, 'x'),
                         .url = "http://localhost/somewhere",
                         .reason = "Not here",
                         .has_reason = false,
                         .elapsed = 7ms,
                         .redirects = 2};
  full.history.resize(2);
  { const Response gone(std::move(full)); }
  const Response next(Response::new_content());
  CHECK(next.status() == 0);
  CHECK(next.error().empty());
  CHECK(next.headers().empty());
  CHECK(next.body().empty());
  CHECK(next.body().capacity() < 10'000);
  CHECK(next.url().empty());
  CHECK(next.elapsed() == 0ns);
  CHECK(next.redirects() == 0);
  CHECK(next.history().empty());
  Response::Content usual{.status = 200};
  CHECK(usual.has_reason);
  auto content = Response::new_content();
  CHECK(content->has_reason);
  CHECK(content->reason.empty());
}

TEST_CASE("a response that was moved away is as one without an answer") {
  auto first = answer(200);
  const Response second = std::move(first);
  CHECK(second.body() == "12345");
  CHECK(first.status() == 0);  // NOLINT(bugprone-use-after-move): it is what is tested
  CHECK(first.body().empty());
  CHECK_FALSE(first.ok());
}

TEST_CASE("the body is read as JSON, or it is said where it is none") {
  CHECK(Response({.status = 200, .body = R"({"a": [1]})"}).json()["a"][0].as_int() == 1);
  CHECK_THROWS_AS(Response({.status = 200, .body = "<html>"}).json(), std::runtime_error);
}

TEST_CASE("errors of a status read as in a Python worker") {
  CHECK(status_error(200, "OK", "/x").empty());
  CHECK(status_error(399, "", "/x").empty());
  CHECK(status_error(404, "Not Found", "/missing") == "HTTPError('404 Client Error: Not Found for url: /missing')");
  CHECK(status_error(500, "", "/x") == "HTTPError('500 Server Error: Internal Server Error for url: /x')");
  CHECK(status_error(599, "Odd", "/x") == "HTTPError('599 Server Error: Odd for url: /x')");
  CHECK(status_error(700, "", "/x") == "HTTPError('700 Unknown Error:  for url: /x')");
  CHECK(status_error(418, "I'm a teapot", "/x") == "HTTPError(\"418 Client Error: I'm a teapot for url: /x\")");
  CHECK(status_error(400, "both ' and \"", "/x") == "HTTPError('400 Client Error: both \\' and \" for url: /x')");
  CHECK(status_error(400, "a\tb\x01\\", "/x") == "HTTPError('400 Client Error: a\\tb\\x01\\\\ for url: /x')");
  CHECK(reason_phrase(418) == "I'm a teapot");
  CHECK(reason_phrase(299).empty());
}

TEST_CASE("a judged response is recorded once, when it goes") {
  TestRecorder recorder;
  SUBCASE("by its status when nothing was said") {
    auto response = answer(500, "HTTPError('...')");
    response.record_later(recorder, "GET", "/x");
    CHECK(recorder.samples.empty());
    response = Response();
    REQUIRE(recorder.samples.size() == 1);
    CHECK(recorder.samples[0].error == "HTTPError('...')");
    CHECK(recorder.samples[0].method == "GET");
    CHECK(recorder.samples[0].name == "/x");
    CHECK(recorder.samples[0].length == 5);
    CHECK(recorder.samples[0].response_time == 7ms);
  }
  SUBCASE("success in spite of its status") {
    auto response = answer(404, "HTTPError('...')");
    response.record_later(recorder, "GET", "/x");
    response.success();
    CHECK(response.error() == "HTTPError('...')");
    response = Response();
    REQUIRE(recorder.samples.size() == 1);
    CHECK(recorder.samples[0].error.empty());
  }
  SUBCASE("failure in spite of its status, the last word counts") {
    {
      auto response = answer(200);
      response.record_later(recorder, "GET", "/x");
      response.success();
      response.failure("it isn't \"ours\"");
      auto moved = std::move(response);
      CHECK(recorder.samples.empty());
    }
    REQUIRE(recorder.samples.size() == 1);
    CHECK(recorder.samples[0].error == "CatchResponseError('it isn\\'t \"ours\"')");
  }
  CHECK(recorder.samples.size() == 1);
}

TEST_CASE("judging a response that was recorded already is a mistake that is told") {
  auto response = answer(200);
  CHECK_THROWS_AS(response.success(), std::logic_error);
  CHECK_THROWS_WITH(response.failure("late"), "failure() needs a request made with catch_response");
}
