#pragma once

#include "worker/statistics/running.hpp"

#include <string>

namespace katydid::reports {

/// `--json` and `--json-file`: what Locust prints of its entries, RequestStats.serialize_stats(), indented as there.
std::string json_report(const RunningStatistics& statistics);

}  // namespace katydid::reports
