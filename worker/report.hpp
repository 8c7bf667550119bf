#pragma once

#include "protocol/message.hpp"
#include "worker/statistics_delta.hpp"

namespace katydid {

/// The report of a worker as the master wants it: entries with requests only, and a total that is their sum.
/// An error is there once for each (method, name, text), from which the codec makes its key.
protocol::to_master::Stats make_report(const StatisticsDelta& delta, protocol::UserClassesCount user_classes_count);

}  // namespace katydid
