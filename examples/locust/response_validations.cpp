// Locust's examples/response_validations.py: ways to judge answers, and to leave a task early when a request fails.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct BadUser : FastHttpUser {
  task<> t() {
    co_await client.post("/authenticate", json{{"username", "foo"}, {"password", "bar"}});
    co_await client.post("/checkout/confirm", json{{"foo", "bar"}});
  }
};
KATYDID_USER(BadUser).host("http://127.0.0.1:8089").task<&BadUser::t>();

// Does the same as long as things go well, and says earlier and in more detail what goes wrong.
struct GoodUser : FastHttpUser {
  task<> t() {
    {
      auto response = co_await client.post("/authenticate", json{{"username", "foo"}, {"password", "bar"}},
                                           {.catch_response = true});
      if (response.ok()) {
        const Value answer = response.json();
        if (const Value* error = answer.find("error")) {
          response.failure(error->as_string());
        } else if (const auto message = answer.get("message", ""); message != "Welcome foo!") {
          response.failure("Wrong welcome message: " + message);
        }
      }
    }
    auto response = co_await client.post("/checkout/confirm", json{{"foo", "bar"}}, {.catch_response = true});
    if (response.ok() && !response.json().contains("orderId")) response.failure("orderId missing");
  }
};
KATYDID_USER(GoodUser).host("http://127.0.0.1:8089").task<&GoodUser::t>();

// Leaves the task that awaits a request that failed.
KATYDID_ON_REQUEST([](const RequestEvent& request) {
  if (!request.exception.empty()) throw RescheduleTask();
});
