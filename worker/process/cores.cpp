#include "worker/process/cores.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>
#endif

namespace katydid {
namespace {

int allowed_cores() {
#ifdef __linux__
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) return CPU_COUNT(&mask);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

// A container sees its own control group as the root.
int quota_cores() {
  double quota = -1;
  double period = 0;
  std::string first;
  if (std::ifstream file("/sys/fs/cgroup/cpu.max"); file >> first >> period) {
    if (first == "max") return std::numeric_limits<int>::max();
    quota = std::atof(first.c_str());
  } else {
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") >> quota;
    std::ifstream("/sys/fs/cgroup/cpu/cpu.cfs_period_us") >> period;
  }
  if (quota <= 0 || period <= 0) return std::numeric_limits<int>::max();
  return static_cast<int>(std::min(quota / period, 1e6));
}

}  // namespace

int usable_cores() { return std::max(1, std::min(allowed_cores(), quota_cores())); }

std::vector<int> allowed_core_numbers() {
  std::vector<int> numbers;
#ifdef __linux__
  cpu_set_t mask;
  CPU_ZERO(&mask);
  if (sched_getaffinity(0, sizeof mask, &mask) != 0) return numbers;
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &mask)) numbers.push_back(core);
  }
#endif
  return numbers;
}

bool pin([[maybe_unused]] std::thread& thread, [[maybe_unused]] int core) {
#ifdef __linux__
  cpu_set_t mask;
  CPU_ZERO(&mask);
  CPU_SET(core, &mask);
  return pthread_setaffinity_np(thread.native_handle(), sizeof mask, &mask) == 0;
#else
  return false;
#endif
}

void wake_thread_on_time() {
#ifdef __linux__
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // in nanoseconds; 0 would mean the default
#endif
}

}  // namespace katydid
