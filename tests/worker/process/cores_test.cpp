#include "worker/process/cores.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#ifdef __linux__
#include <sched.h>
#endif

using namespace katydid;

TEST_CASE("the cores that this process may use are at least one, and no more than its mask has") {
  CHECK(usable_cores() >= 1);
#ifdef __linux__
  CHECK(usable_cores() <= static_cast<int>(allowed_core_numbers().size()));
#endif
}

#ifdef __linux__
TEST_CASE("a pinned thread stays on its core") {
  const auto cores = allowed_core_numbers();
  REQUIRE(!cores.empty());
  CHECK(std::ranges::is_sorted(cores));
  for (const int core : cores) {
    std::atomic<bool> pinned = false;
    int seen = -1;
    std::size_t allowed = 0;
    std::thread thread([&] {
      pinned.wait(false);
      seen = sched_getcpu();
      allowed = allowed_core_numbers().size();
    });
    CHECK(pin(thread, core));
    pinned = true;
    pinned.notify_one();
    thread.join();
    CHECK(seen == core);
    CHECK(allowed == 1);
  }
}

TEST_CASE("a core that does not exist is refused") {
  std::atomic<bool> done = false;
  std::thread thread([&] { done.wait(false); });
  CHECK_FALSE(pin(thread, CPU_SETSIZE - 1));
  done = true;
  done.notify_one();
  thread.join();
}
#endif
