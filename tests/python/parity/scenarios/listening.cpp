// listening.py in C++. As a response goes, nothing can be thrown: the task gets it at its next co_await, or at its end.
#include <katydid/katydid.hpp>

#include <cstdio>

using namespace katydid;
using namespace std::chrono_literals;

KATYDID_ON_REQUEST([](const RequestEvent& request) {
  const auto is = [&request](const auto... names) { return ((request.name == names) || ...); };
  if (is("later", "caught", "replaced")) throw RescheduleTask();
  if (is("at_once", "caught_at_once")) throw RescheduleTaskImmediately();
  if (is("leave", "at_the_end")) throw InterruptTaskSet();
  if (is("caught_end")) throw StopUser();
});
KATYDID_ON_REQUEST([](const RequestEvent& request) {
  std::printf("EVENT %s\n", std::string(request.name).c_str());
  std::fflush(stdout);
});

struct Steered : FastHttpUser {
  task<> on_stop() override { co_await client.get("/hello?user-on_stop", {.name = "user-on_stop"}); }
};

struct Inner : SequentialTaskSet<Steered> {
  task<> on_stop() override { co_await client().get("/hello?inner-on_stop", {.name = "inner-on_stop"}); }
  task<> leave() {
    co_await client().get("/hello?leave", {.name = "leave"});
    co_await client().get("/hello?never", {.name = "never"});
  }
};
KATYDID_TASK_SET(Inner).task<&Inner::leave>();

struct Judged : SequentialTaskSet<Steered> {
  task<> at_the_end() {
    auto response = co_await client().get("/hello?at_the_end", {.name = "at_the_end", .catch_response = true});
    response.success();
  }
  task<> unreached() { co_await client().get("/hello?never", {.name = "never"}); }
};
KATYDID_TASK_SET(Judged).task<&Judged::at_the_end>().task<&Judged::unreached>();

struct Main : SequentialTaskSet<Steered> {
  task<> later() {
    co_await client().get("/hello?unheard", {.name = "unheard"});
    co_await client().get("/hello?later", {.name = "later"});
    co_await client().get("/hello?never", {.name = "never"});
  }
  task<> at_once() {
    co_await client().get("/hello?at_once", {.name = "at_once"});
    co_await client().get("/hello?never", {.name = "never"});
  }
  task<> caught() {
    {
      auto response = co_await client().get("/hello?caught", {.name = "caught", .catch_response = true});
      response.failure("not today");
    }
    co_await client().get("/hello?never", {.name = "never"});
  }
  task<> caught_at_once() {
    auto response = co_await client().get("/hello?caught_at_once", {.name = "caught_at_once", .catch_response = true});
    response.success();
    response.record();
    co_await wait();
    co_await client().get("/hello?never", {.name = "never"});
  }
  task<> replaced() {
    auto response = co_await client().get("/hello?replaced", {.name = "replaced", .catch_response = true});
    response.failure("so it is counted");
    throw std::runtime_error("never said");
  }
  task<> caught_end() {
    {
      auto response = co_await client().get("/hello?caught_end", {.name = "caught_end", .catch_response = true});
      response.success();
    }
    co_await client().get("/hello?never", {.name = "never"});
  }
};
KATYDID_TASK_SET(Main)
    .task<&Main::later>()
    .task<&Main::at_once>()
    .task<Inner>()
    .task<&Main::caught>()
    .task<&Main::caught_at_once>()
    .task<Judged>()
    .task<&Main::replaced>()
    .task<&Main::caught_end>();
KATYDID_USER(Steered).wait_time(constant(0s)).task<Main>();
