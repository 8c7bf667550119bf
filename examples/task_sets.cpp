// Task sets: a shopper browses for a while, buys step by step, and begins again.
#include <katydid/katydid.hpp>

#include <string>

using namespace katydid;
using namespace std::chrono_literals;

struct Shopper : FastHttpUser {
  int bought = 0;
  task<> home() { co_await client.get("/"); }
};

struct Browse : TaskSet<Shopper> {
  task<> list() { co_await client().get("/echo", {.name = "/items"}); }
  task<> look() { co_await client().get("/echo?id=42", {.name = "/items/[id]"}); }
  task<> leave() {
    interrupt();
    co_return;
  }
};
KATYDID_TASK_SET(Browse)
    .wait_time(between(50ms, 200ms))
    .task<&Browse::list>(3)
    .task<&Browse::look>(5)
    .task<&Browse::leave>();

struct Checkout : SequentialTaskSet<Shopper> {
  task<> add() { co_await client().post("/echo", json{{"id", 42}}, {.name = "/cart"}); }
  task<> pay() {
    auto response = co_await client().post("/echo", Form{{"card", "4242"}}, {.name = "/pay"});
    if (response) ++user().bought;
  }
  task<> leave() {
    interrupt();
    co_return;
  }
};
KATYDID_TASK_SET(Checkout).task<&Checkout::add>().task<&Checkout::pay>().task<&Checkout::leave>();

KATYDID_USER(Shopper).wait_time(between(50ms, 100ms)).task<&Shopper::home>().task<Browse>(2).task<Checkout>();
