// Two kinds of visitors of a shop: weights, wait times, a login, tags, and an answer that the task judges itself.
//   katydid -f examples/basic.cpp --master-host HOST
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Visitor : HttpUser {
  task<> front_page() { co_await client.get("/"); }

  task<> item() {
    const int id = ++last_item % 100;
    co_await client.get("/echo?item=" + std::to_string(id), {.name = "/echo?item=[id]"});
  }

  int last_item = 0;
};

struct Shopper : Visitor {
  task<> on_start() override {
    co_await client.post("/echo", Form{{"user", "ann"}, {"password", "secret"}}, {.name = "/login"});
  }

  task<> buy() {
    auto response =
        co_await client.post("/echo", json{{"item", 42}, {"count", 1}}, {.name = "/cart", .catch_response = true});
    if (response.ok() && response.json()["method"].as_string() != "POST") response.failure("not what was sent");
  }
};

KATYDID_USER(Visitor).weight(3).wait_time(between(100ms, 500ms)).task<&Visitor::front_page>(3).task<&Visitor::item>(1);

KATYDID_USER(Shopper)
    .weight(1)
    .wait_time(constant_throughput(5))
    .task<&Shopper::item>(2)
    .task<&Shopper::buy>(1, {.tags = {"checkout"}});
