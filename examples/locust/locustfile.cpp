// Locust's examples/locustfile.py, the quickstart.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

struct QuickstartUser : HttpUser {
  task<> on_start() override { co_await client.post("/login", json{{"username", "foo"}, {"password", "bar"}}); }

  task<> hello_world() {
    co_await client.get("/hello");
    co_await client.get("/world");
  }
  task<> view_item() {
    for (int id = 0; id < 10; ++id) {
      co_await client.get("/item?id=" + std::to_string(id), {.name = "/item"});
      co_await sleep(1s);
    }
  }
};
KATYDID_USER(QuickstartUser)
    .wait_time(between(1s, 2s))
    .task<&QuickstartUser::hello_world>()
    .task<&QuickstartUser::view_item>(3);
