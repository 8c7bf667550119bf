// steering.py in C++.
#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

struct Steered : FastHttpUser {
  task<> on_stop() override { co_await client.get("/hello?user-on_stop"); }
};

struct Refused : TaskSet<Steered> {
  task<> on_start() override {
    co_await client().get("/hello?refused-on_start");
    throw InterruptTaskSet();
  }
  task<> on_stop() override { co_await client().get("/hello?never"); }
  task<> never() { co_await client().get("/hello?never"); }
};
KATYDID_TASK_SET(Refused).task<&Refused::never>();

struct Broken : TaskSet<Steered> {
  task<> on_start() override {
    co_await client().get("/hello?broken-on_start");
    throw std::runtime_error("on_start is broken");
  }
  task<> on_stop() override { co_await client().get("/hello?never"); }
  task<> never() { co_await client().get("/hello?never"); }
};
KATYDID_TASK_SET(Broken).task<&Broken::never>();

struct Unmade : TaskSet<Steered> {
  Unmade() { throw std::runtime_error("it cannot be made"); }
  task<> never() { co_await client().get("/hello?never"); }
};
KATYDID_TASK_SET(Unmade).task<&Unmade::never>();

struct BrokenAtTheEnd : TaskSet<Steered> {
  task<> on_stop() override {
    co_await client().get("/hello?broken-on_stop");
    throw std::runtime_error("on_stop is broken");
  }
  task<> leave() {
    co_await client().get("/hello?leave");
    interrupt();
  }
};
KATYDID_TASK_SET(BrokenAtTheEnd).task<&BrokenAtTheEnd::leave>();

struct Last : TaskSet<Steered> {
  task<> on_stop() override { co_await client().get("/hello?last-on_stop"); }
  task<> end() {
    co_await client().get("/hello?end");
    throw StopUser();
  }
};
KATYDID_TASK_SET(Last).task<&Last::end>();

struct Main : SequentialTaskSet<Steered> {
  task<> on_stop() override {
    co_await client().get("/hello?main-on_stop");
    throw std::runtime_error("main's on_stop is broken");
  }
  task<> later() {
    co_await client().get("/hello?later");
    throw RescheduleTask();
  }
  task<> at_once() {
    co_await client().get("/hello?at_once");
    throw RescheduleTaskImmediately();
  }
  task<> broken() {
    co_await client().get("/hello?broken");
    throw std::runtime_error("a task is broken");
  }
};
KATYDID_TASK_SET(Main)
    .task<&Main::later>()
    .task<&Main::at_once>()
    .task<&Main::broken>()
    .task<Refused>()
    .task<Broken>()
    .task<Unmade>()
    .task<BrokenAtTheEnd>()
    .task<Last>();
KATYDID_USER(Steered).wait_time(constant(0s)).task<Main>();
