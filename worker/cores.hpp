#pragma once

namespace katydid {

/// How many cores this process may use, at least 1: the smaller of its affinity mask and its container's CPU quota, the
/// latter rounded down, because a shard that the kernel stops for a part of every 100 ms measures those stops as
/// response times.
int usable_cores();

}  // namespace katydid
