// A page with what it needs, asked for at once as a browser does it, and answers that are not waited for.
//   katydid -f examples/page.cpp --headless -u 4 -t 10s --host http://127.0.0.1:8080
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct Visitor : FastHttpUser {
  task<> page() {
    co_await client.get("/hello", {.name = "page"});
    TaskGroup browser(6);  // as many at a time
    for (int n = 1; n <= 10; ++n) {
      co_await browser.run(client.get("/bytes/" + std::to_string(1000 * n), {.name = "image"}));
    }
    co_await browser.finished();
  }

  task<> item() {
    auto [price, stock] = co_await all(client.get("/delay/20", {.name = "price"}), in_stock());
    if (price.ok() && stock) co_await client.post("/echo", json{{"count", 1}}, {.name = "order"});
  }

  task<bool> in_stock() {
    const auto answer = co_await client.get("/delay/10", {.name = "stock"});
    co_return answer.ok();
  }

  task<> search() {
    const auto first = co_await any(client.get("/delay/30", {.name = "search"}), sleep(2s));
    if (first.index() == 1) log::warning("a search took more than two seconds, so it was given up");
  }
};

KATYDID_USER(Visitor)
    .wait_time(between(10ms, 50ms))
    .task<&Visitor::page>(3)
    .task<&Visitor::item>(2)
    .task<&Visitor::search>();
