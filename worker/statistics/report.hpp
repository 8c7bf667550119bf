#pragma once

#include "protocol/message.hpp"
#include "worker/statistics/delta.hpp"

namespace katydid {

/// The report of a worker as the master wants it: entries with requests only, and a total that is their sum.
/// An error is there once for each (method, name, text) with the key that Locust gives it.
protocol::to_master::Stats make_report(const StatisticsDelta& delta, protocol::UserClassesCount user_classes_count);

}  // namespace katydid
