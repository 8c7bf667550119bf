#pragma once

#include "worker/process/health.hpp"

#include <sys/types.h>

#include <chrono>
#include <vector>

namespace katydid {

/// `katydid --health`: asks the processes of this user (root: of all) that a HealthServer answers for; where
/// `processes` are given, these and their children alone. Well when all are, and there is one. The text has a line for
/// each.
Health check_health(const std::vector<pid_t>& processes, std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace katydid
