// Locust's examples/semaphore_wait.py: nobody begins before all users are there.
#include <katydid/katydid.hpp>

#include <atomic>

using namespace katydid;
using namespace std::chrono_literals;

std::atomic<bool> all_users_spawned = false;

KATYDID_ON_SPAWNING_COMPLETE([](std::int64_t) { all_users_spawned = true; });

struct WebsiteUser : HttpUser {
  task<> on_start() override {
    while (!all_users_spawned) co_await sleep(10ms);
  }
  task<> index() { co_await client.get("/"); }
};
KATYDID_USER(WebsiteUser).host("http://127.0.0.1:8089").task<&WebsiteUser::index>();
