#include "worker/process/usage.hpp"

#include "net/idle_polling.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>

namespace katydid {
namespace {

/// What it was busy for.
std::chrono::nanoseconds cpu_time() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto duration = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return duration(usage.ru_utime) + duration(usage.ru_stime) - IdlePolling::of_process();
}

}  // namespace

ProcessUsage::ProcessUsage(std::size_t cores)
    : cores_(std::max<std::size_t>(cores, 1)), last_wall_(std::chrono::steady_clock::now()), last_cpu_(cpu_time()) {}

double ProcessUsage::cpu_percent() {
  const auto wall = std::chrono::steady_clock::now();
  const auto cpu = cpu_time();
  const std::chrono::duration<double> elapsed = wall - last_wall_;
  const std::chrono::duration<double> used = cpu - last_cpu_;
  last_wall_ = wall;
  last_cpu_ = cpu;
  return elapsed.count() > 0 ? 100 * used / elapsed / static_cast<double>(cores_) : 0;
}

std::int64_t ProcessUsage::memory_bytes() {
#if defined(__linux__)
  std::int64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
#else
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);  // the peak: the nearest that POSIX has
#if defined(__APPLE__)
  return usage.ru_maxrss;
#else
  return usage.ru_maxrss * 1024;
#endif
#endif
}

ThreadUsage ThreadUsage::now() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  ThreadUsage usage{.cpu = std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec)};
#if defined(__linux__)
  std::int64_t ran = 0, waited = 0;
  if (std::ifstream("/proc/thread-self/schedstat") >> ran >> waited) usage.waited = std::chrono::nanoseconds(waited);
#endif
  return usage;
}

}  // namespace katydid
