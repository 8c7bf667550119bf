// events.py in C++.
#include <katydid/katydid.hpp>

#include <cstdio>
#include <stdexcept>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

void tell(const std::string& what) {
  std::printf("EVENT %s\n", what.c_str());
  std::fflush(stdout);
}

KATYDID_ON_INIT([](Environment&) { tell("init"); });
KATYDID_ON_TEST_START([](Environment&) { tell("test_start"); });
KATYDID_ON_TEST_START([](Environment&) { throw std::runtime_error("a listener is broken"); });
KATYDID_ON_TEST_START([](Environment&) { tell("test_start again"); });
KATYDID_ON_SPAWNING_COMPLETE([](std::int64_t users) { tell("spawning_complete " + std::to_string(users)); });
KATYDID_ON_TEST_STOPPING([](Environment&) { tell("test_stopping"); });
KATYDID_ON_TEST_STOP([](Environment&) { tell("test_stop"); });
KATYDID_ON_QUITTING([](Environment&) { tell("quitting, added first"); });
KATYDID_ON_QUITTING([](Environment&) { tell("quitting, added last"); });
KATYDID_ON_QUIT([](int exit_code) { tell("quit " + std::to_string(exit_code)); });

KATYDID_ON_REQUEST([](const RequestEvent& request) {
  const bool timed = request.response_time > 0ns && request.start_time.time_since_epoch() > 54 * 365 * 24h;
  const std::string step = std::to_string(request.context["step"].as_int());
  const std::string user = request.context["user"].as_string();
  std::string path(request.url);
  for (int slashes = 0; slashes < 3; ++slashes) path.erase(0, path.find('/') + 1);
  tell("request " + std::string(request.request_type) + " " + std::string(request.name) +
       (timed ? " True " : " False ") + std::to_string(request.response_length) + " " +
       std::to_string(request.response->status()) + " [('step', " + step + "), ('user', '" + user + "')] " + path);
  const bool not_today = request.exception.find("not today") != request.exception.npos;
  tell((request.exception.empty() ? "success " : "failure ") + std::to_string(not_today));
});
KATYDID_ON_USER_ERROR([](const UserErrorEvent& error) {
  if (!error.user_instance.host().empty() && error.exception) tell("user_error " + error.message);
});

struct Listened : FastHttpUser {
  int done = 0;

  Value context() const override { return json{{"user", "ann"}, {"step", 0}}; }
  task<> on_start() override { co_await client.get("/hello?on_start", {.name = "start"}); }
  task<> on_stop() override { co_await client.get("/hello?on_stop", {.name = "stop"}); }

  task<> ask() {
    co_await client.get("/hello?1", {.name = "hello", .context = json{{"step", 1}}});
    co_await client.post("/status/404", "x", {.name = "missing"});
    {
      auto caught =
          co_await client.get("/hello?2", {.name = "caught", .catch_response = true, .context = json{{"step", 2}}});
      caught.failure("not today");
    }
    {
      auto pardoned = co_await client.get("/status/500", {.name = "pardoned", .catch_response = true});
      pardoned.success();
    }
    co_await client.get("/redirect?to=/hello?3", {.name = "redirected"});
    if (++done == 2) throw StopUser();
    throw std::runtime_error("a task is broken");
  }
};
KATYDID_USER(Listened).wait_time(constant(0s)).task<&Listened::ask>();
