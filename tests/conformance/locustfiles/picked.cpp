// Two classes to choose from, the one with a task set; picked.py is the same in Python.
#include <katydid/katydid.hpp>

#include <stdexcept>

using namespace katydid;
using namespace std::chrono_literals;

struct VisitorUser : HttpUser {
  task<> looks() {
    co_await client.get("/hello");
    co_await client.get("/status/500", {.name = "/broken"});
    throw std::runtime_error("this task is broken");
  }
};

struct Searching : TaskSet<VisitorUser> {
  task<> narrow() {
    co_await client().get("/bytes/10", {.name = "/bytes/[size]"});
    interrupt();
  }
  task<> wide() {
    co_await client().get("/bytes/1000", {.name = "/bytes/[size]"});
    interrupt();
  }
};
KATYDID_TASK_SET(Searching).task<&Searching::narrow>().task<&Searching::wide>();

KATYDID_USER(VisitorUser).wait_time(constant(50ms)).task<&VisitorUser::looks>(3).task<Searching>();

struct BuyerUser : HttpUser {
  task<> buy() { co_await client.get("/hello", {.name = "/bought"}); }
};
KATYDID_USER(BuyerUser).wait_time(constant(50ms)).task<&BuyerUser::buy>();
