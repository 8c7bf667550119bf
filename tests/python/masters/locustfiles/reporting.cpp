// reporting.py in C++.
#include <katydid/katydid.hpp>

#include <atomic>
#include <cstdio>

using namespace katydid;
using namespace std::chrono_literals;

std::atomic<int> asked = 0;

void tell(const char* what, bool first, bool second) {
  std::printf("%s %s %s\n", what, first ? "True" : "False", second ? "True" : "False");
  std::fflush(stdout);
}

KATYDID_ON_REQUEST([](const RequestEvent&) { ++asked; });
KATYDID_ON_REPORT_TO_MASTER([](Value& data) {
  data.set("asked", asked.exchange(0));
  data.set("who", environment().client_id());
});
KATYDID_ON_HEARTBEAT_RECEIVED([](const HeartbeatEvent& heartbeat) {
  tell("HEARTBEAT", heartbeat.client_id.size() > 10, heartbeat.timestamp.time_since_epoch() > 54 * 365 * 24h);
});
KATYDID_ON_USAGE_MONITOR([](const UsageEvent& usage) {
  tell("USAGE", usage.cpu_usage >= 0 && usage.cpu_usage <= 200, usage.memory_usage > 1'000'000);
});
KATYDID_ON_SPAWNING_COMPLETE([](std::int64_t users) {
  std::printf("SPAWNED %d\n", static_cast<int>(users));
  std::fflush(stdout);
});
KATYDID_ON_QUITTING([](Environment& running) { running.set_process_exit_code(7); });

struct Reporting : FastHttpUser {
  task<> ask() { co_await client.get("/hello"); }
};
KATYDID_USER(Reporting).wait_time(constant(50ms)).task<&Reporting::ask>();
