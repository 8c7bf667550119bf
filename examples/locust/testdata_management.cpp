// Locust's examples/testdata_management.py: where code can run before, beside and after tasks.
//   1 loading, 2 init, 3 test_start, 4 on_start, 5 tasks, 6 test_stopping, 7 on_stop, 8 test_stop, 9 quitting, 10 quit;
//   M1 and M3 come again and again. 3 to 8 come again with each test.
#include <katydid/katydid.hpp>

using namespace katydid;
using namespace std::chrono_literals;

// 1. Members of the file are made when it is loaded, before anything else.
const std::string global_test_data = "global_test_data";

KATYDID_ON_INIT([](Environment&) { log::info("2. Initializing, happens after loading but before test start"); });
KATYDID_ON_TEST_START([](Environment&) { log::info("3. Starting test run"); });
KATYDID_ON_HEARTBEAT_RECEIVED([](const HeartbeatEvent& heartbeat) {
  log::info("M3. worker {} received heartbeat from master", heartbeat.client_id);
});
KATYDID_ON_USAGE_MONITOR([](const UsageEvent& usage) {
  log::info("M1. cpu={}%, memory={}M", usage.cpu_usage, usage.memory_usage / 1024 / 1024);
});
KATYDID_ON_TEST_STOPPING([](Environment&) { log::info("6. stopping test run"); });
KATYDID_ON_TEST_STOP([](Environment&) { log::info("8. test run stopped"); });
KATYDID_ON_QUITTING([](Environment&) { log::info("9. katydid is about to shut down"); });
KATYDID_ON_QUIT([](int exit_code) { log::info("10. katydid has shut down with code {}", exit_code); });

struct MyUser : HttpUser {
  std::string user_specific_data;

  task<> on_start() override {
    log::info("4. A user was started");
    auto response = co_await client.post("/echo", "user-specific");
    user_specific_data = response.json()["body"].as_string();
  }
  task<> t() {
    co_await client.get("/get?" + global_test_data);
    co_await client.get("/get?" + user_specific_data);
    log::info("5. Getting task-run-specific testdata");
    auto response = co_await client.post("/echo", "task_run_specific_testdata");
    co_await client.get("/get?" + response.json()["body"].as_string());
  }
  task<> on_stop() override {
    log::info("7. a user was stopped");
    co_return;
  }
};
KATYDID_USER(MyUser).host("https://postman-echo.com").wait_time(constant(180s)).task<&MyUser::t>();
