// Locust's examples/rest.py: JSON, and what is expected of it.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct MyUser : FastHttpUser {
  task<> t() {
    {
      auto response = co_await client.rest("POST", "/echo", json{{"foo", 1}});
      if (response.js()["method"] != "POST") response.failure("Unexpected value of method in " + response.text());
      // A short way to say what is expected.
      response.check(response.js()["method"] == "POST", "Unexpected value of method in response");
    }
    // "Assertion failed"
    (co_await client.rest("POST", "/echo", json{{"foo", 1}})).check(false);
    // With a comma at its end the reason is followed by the response.
    (co_await client.rest("POST", "/echo", json{{"foo", 1}}))
        .check(false, "my custom error message with response text,");
    {
      // js() is null where there was no JSON, which is a failure already.
      auto response = co_await client.rest("GET", "/hello");
      if (!response.js().is_null()) response.check(response.js()["foo"] == 2);
    }
    // Not found
    co_await client.rest("GET", "/status/404");
    // No connection
    co_await client.rest("POST", "http://127.0.0.1:42/", json{{"foo", 1}});
    // With a parameter that no cache knows
    co_await client.rest_("GET", "/echo");
  }
};
KATYDID_USER(MyUser).host("https://postman-echo.com").wait_time(constant(180s)).task<&MyUser::t>();

// A base for all users of an API that wants headers, and that tells errors in its own way.
struct RestUserThatLooksAtErrors : FastHttpUser {
  task<RestResponse> ask(std::string_view method, std::string_view url) {
    auto response = co_await client.rest(method, url, {.headers = {{"my_header", "my_value"}}});
    if (const Value* error = response.js().find("error")) response.failure(error->dump());
    co_return response;
  }
};

struct MyOtherRestUser : RestUserThatLooksAtErrors {
  task<> t() { co_await ask("GET", "/echo"); }
};
KATYDID_USER(MyOtherRestUser).host("https://postman-echo.com").wait_time(constant(180s)).task<&MyOtherRestUser::t>();
