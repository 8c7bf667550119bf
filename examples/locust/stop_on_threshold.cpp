// Locust's examples/stop_on_threshold.py: the test ends when too many requests fail.
#include <katydid/katydid.hpp>

#include <atomic>

using namespace katydid;
using namespace std::chrono_literals;

struct MyUser : HttpUser {
  task<> my_task() {
    for (int i = 0; i < 10; ++i) {
      co_await client.get("/");
      co_await sleep(1s);
    }
    for (int i = 0; i < 5; ++i) {
      co_await client.get("/error");
      co_await sleep(1s);
    }
  }
};
KATYDID_USER(MyUser).host("http://www.example.com").task<&MyUser::my_task>();

std::atomic<int> requests = 0, failures = 0;

KATYDID_ON_REQUEST([](const RequestEvent& request) {
  const double all = ++requests, failed = request.exception.empty() ? failures.load() : ++failures;
  if (all >= 10 && failed / all > 0.2) throw StopTest("fail ratio was " + std::to_string(failed / all) + ", quitting");
});
