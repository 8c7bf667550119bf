#pragma once

#include <thread>
#include <vector>

namespace katydid {

/// How many cores this process may use, at least 1: the smaller of its affinity mask and its container's CPU quota, the
/// latter rounded down, because a shard that the kernel stops for a part of every 100 ms measures those stops as
/// response times.
int usable_cores();

/// The numbers of the cores in this thread's affinity mask, ascending; empty where the system has no such mask.
std::vector<int> allowed_core_numbers();

/// Keeps `thread` on one core. False when the system refuses, or can't do it (macOS).
bool pin(std::thread& thread, int core);
/// Lets waits of the calling thread end when they are due, and not up to 50 us later, as Linux does it to save wakeups.
void wake_thread_on_time();

}  // namespace katydid
