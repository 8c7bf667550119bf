// busy.py in C++.
#include <katydid/katydid.hpp>

#include <atomic>
#include <cstdio>

using namespace katydid;
using namespace std::chrono_literals;

constexpr int enough = 4;
std::atomic<int> looks = 0;
std::atomic<double> last = 0;

KATYDID_ON_CPU_WARNING([](const UsageEvent& usage) {
  std::printf("EVENT warning %.17g\n", usage.cpu_usage);
  std::fflush(stdout);
});
KATYDID_ON_USAGE_MONITOR([](const UsageEvent& usage) {
  std::printf("EVENT usage %.17g\n", usage.cpu_usage);
  std::fflush(stdout);
  last = usage.cpu_usage;
  ++looks;
});

struct Busy : FastHttpUser {
  task<> burn() {
    const auto end = std::chrono::steady_clock::now() + 50ms;
    while (std::chrono::steady_clock::now() < end) {
    }
    if (looks == enough || last > 90) environment().quit();
    co_return;
  }
};
KATYDID_USER(Busy).wait_time(constant(0s)).task<&Busy::burn>();
