#pragma once

#include "worker/shard.hpp"

#include <cstdint>
#include <vector>

namespace katydid {

/// How `users` are shared among the classes, as Locust's dispatcher does for a run without a master: fixed counts
/// first, the rest by weight. The counts of n + 1 users are those of n and one more.
UserCounts distribute_users(std::int64_t users, const std::vector<const UserClass*>& classes);

}  // namespace katydid
