// listening.py in C++, where nothing can be thrown as a response goes.
#include <katydid/katydid.hpp>

#include <cstdio>

using namespace katydid;
using namespace std::chrono_literals;

KATYDID_ON_REQUEST([](const RequestEvent& request) {
  if (request.name == "later") throw RescheduleTask();
  if (request.name == "at_once") throw RescheduleTaskImmediately();
  if (request.name == "leave") throw InterruptTaskSet();
  if (request.name == "end") throw StopUser();
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
  task<> end() {
    co_await client().get("/hello?end", {.name = "end"});
    co_await client().get("/hello?never", {.name = "never"});
  }
};
KATYDID_TASK_SET(Main).task<&Main::later>().task<&Main::at_once>().task<Inner>().task<&Main::end>();
KATYDID_USER(Steered).wait_time(constant(0s)).task<Main>();
