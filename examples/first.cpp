// The shop of docs/tutorial-cpp.md: two kinds of pages, a wait between them, and an answer that is looked at.
//   katydid -f examples/first.cpp --master-host HOST
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Visitor : HttpUser {
  task<> front_page() { co_await client.get("/"); }

  task<> item() {
    const auto id = random_source().below(5) + 1;
    auto answer =
        co_await client.get("/items/" + std::to_string(id) + ".json", {.name = "/items/[id]", .catch_response = true});
    if (answer.ok() && answer.json()["price"].as_double() <= 0) answer.failure("no price");
  }
};

KATYDID_USER(Visitor).wait_time(between(100ms, 500ms)).task<&Visitor::front_page>(1).task<&Visitor::item>(3);
