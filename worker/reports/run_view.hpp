#pragma once

#include "worker/statistics/running.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace katydid::reports {

/// What tasks threw, for Locust's table of exceptions.
struct ReportedException {
  std::string message, traceback;
  std::uint64_t count = 0;
};

/// A run as it stands, for a report to write down.
struct RunView {
  const RunningStatistics& statistics;
  const std::vector<ReportedException>& exceptions;
  WallTime now;
  std::int64_t users = 0;
};

}  // namespace katydid::reports
