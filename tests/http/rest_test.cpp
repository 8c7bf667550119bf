#include "http/rest.hpp"

#include "tests/http/http_client_harness.hpp"

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

Response answer_to_catch(Recorder& recorder, std::string body, int status = 200) {
  Response response(
      Response::Content{.status = status, .error = status_error(status, {}, "/x"), .body = std::move(body)});
  response.record_later(recorder, "GET", "/x");
  return response;
}

}  // namespace

TEST_CASE("rest(): a body that is no JSON is a failure, and js() is null") {
  TestRecorder recorder;
  {
    const RestResponse html(answer_to_catch(recorder, "<html>"));
    CHECK(html.js().is_null());
    const RestResponse empty(answer_to_catch(recorder, ""));
    CHECK(empty.js().is_null());
    const RestResponse right(answer_to_catch(recorder, R"({"a": 1})"));
    CHECK(right.js()["a"].as_int() == 1);
    const RestResponse missing(answer_to_catch(recorder, R"({"a": 1})", 404));
  }
  REQUIRE(recorder.samples.size() == 4);
  CHECK(recorder.samples[0].error.starts_with("HTTPError('404 Client Error"));
  CHECK(recorder.samples[1].error.empty());
  CHECK(recorder.samples[2].error.empty());
  const std::string& error = recorder.samples[3].error;
  CAPTURE(error);
  CHECK(error.starts_with("CatchResponseError("));
  CHECK(error.find("Could not parse response as JSON. <html>, response code 200, error ") != error.npos);
}

TEST_CASE("rest(): check() gives the reason, and with a comma the beginning of the body") {
  TestRecorder recorder;
  RestResponse(answer_to_catch(recorder, "1")).check(true, "wrong");
  RestResponse(answer_to_catch(recorder, "1")).check(false);
  RestResponse(answer_to_catch(recorder, "1")).check(false, "wrong");
  RestResponse(answer_to_catch(recorder, '"' + std::string(300, 'a') + '"')).check(false, "wrong,");
  REQUIRE(recorder.samples.size() == 4);
  CHECK(recorder.samples[0].error.empty());
  CHECK(recorder.samples[1].error == "CatchResponseError('Assertion failed')");
  CHECK(recorder.samples[2].error == "CatchResponseError('wrong')");
  CHECK(recorder.samples[3].error == "CatchResponseError('wrong, response was \"" + std::string(199, 'a') + "')");
}

TEST_CASE("rest(): what is thrown while it is judged makes it a failure") {
  TestRecorder recorder;
  const auto judge = [&recorder](const char* body) {
    const RestResponse answer(answer_to_catch(recorder, body));
    return answer.js()["a"].as_int();
  };
  CHECK_THROWS(judge(R"({"a": "text"})"));
  CHECK(judge(R"({"a": 1})") == 1);
  REQUIRE(recorder.samples.size() == 2);
  CHECK(recorder.samples[0].error ==
        "CatchResponseError('The task threw an exception before it was done with this response')");
  CHECK(recorder.samples[1].error.empty());
}

TEST_CASE("a caught response may be renamed, and have another response time") {
  TestRecorder recorder;
  {
    Response response = answer_to_catch(recorder, "ann");
    response.rename("/users/" + response.text());
    response.set_response_time(125ms);
  }
  REQUIRE(recorder.samples.size() == 1);
  CHECK(recorder.samples[0].name == "/users/ann");
  CHECK(recorder.samples[0].response_time == 125ms);
  Response plain(Response::Content{.status = 200});
  CHECK_THROWS_AS(plain.rename("x"), std::logic_error);
  CHECK_THROWS_AS(plain.set_response_time(1ms), std::logic_error);
}

TEST_CASE_TEMPLATE("rest() asks for JSON, and rest_() for what no cache has", Shard, KATYDID_SHARDS) {
  Shard shard(test_target().url());
  using Client = decltype(shard.user.client);
  const auto own = [](Client& client) -> task<Value> {
    auto answer = co_await client.rest("POST", "/echo", json{{"a", 1}}, {.name = "own"});
    co_return answer.js();
  };
  const auto sent = shard.run(own(shard.user.client));
  CHECK(echoed(sent, "Content-Type") == "application/json");
  CHECK(echoed(sent, "Accept") == "application/json");
  const auto others = [](Client& client) -> task<Value> {
    auto answer = co_await client.rest_("POST", "/echo?b=2", Form{{"a", "1"}}, {.headers = {{"accept", "text/json"}}});
    co_return answer.js();
  };
  const auto form = shard.run(others(shard.user.client));
  CHECK(echoed(form, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK(echoed(form, "accept") == "text/json");
  CHECK(echoed(form, "Accept").empty());
  CHECK(form["query"].as_string().starts_with("b=2&_=1"));
  REQUIRE(shard.recorder.samples.size() == 2);
  CHECK(shard.recorder.samples[0].name == "own");
  CHECK(shard.recorder.samples[1].name == "/echo?b=2");
}
