#pragma once

#include "net/loop.hpp"
#include "worker/any_shard.hpp"
#include "worker/process/usage.hpp"
#include "worker/statistics/statistics.hpp"

#include <cstdint>
#include <map>

namespace katydid {

/// What every kind of shard counts from one report to the next, beside its statistics. All on the shard's own thread.
class ShardCounts {
 public:
  /// Those in one report are limited: the ones above the limit count as one more.
  void report_exception(UserException exception);
  void task_cut_short() { ++tasks_cut_short_; }

  /// The thread's usage counts from here on, not from its start.
  void restart_usage() { reported_usage_ = ThreadUsage::now(); }
  /// For a new test; the usage goes on.
  void clear();

  /// All since the last report, with what the statistics have, and without users: these are the shard's to add.
  ShardReport take(Statistics& statistics, Loop& loop);

 private:
  std::map<UserException, std::uint64_t> exceptions_;
  std::uint64_t tasks_cut_short_ = 0;
  ThreadUsage reported_usage_;
  Loop::clock::time_point reported_at_ = Loop::clock::now();
};

}  // namespace katydid
