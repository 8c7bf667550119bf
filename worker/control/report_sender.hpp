#pragma once

#include "worker/arrivals/dropped_tasks.hpp"
#include "worker/control/control_loop.hpp"
#include "worker/loop_lag_watch.hpp"
#include "worker/machine_watch.hpp"
#include "worker/master_link.hpp"
#include "worker/metrics/book.hpp"
#include "worker/shard_group.hpp"
#include "worker/statistics/running.hpp"
#include "worker/statistics/statistics.hpp"
#include "worker/worker_state.hpp"

#include <cstdint>
#include <deque>
#include <functional>

namespace katydid {

struct WorkerOptions;

/// Brings what the shards have counted to the master: all of it, and once. What the master did not take goes with the
/// next report.
class ReportSender {
 public:
  /// All of them must outlive it; `book` may be null.
  ReportSender(ControlLoop& loop, const WorkerOptions& options, const worker_state::State& state, ShardGroup& shards,
               MasterLink& link, metrics::Book* book);

  /// Collects, sends, then calls `sent`, whether or not there was a master to take it.
  void send(Collecting kind, std::function<void()> sent);
  /// Sends what an earlier report could not, if there is something, without asking the shards.
  void send_what_waits();
  /// Collects and sends in that time, and from then on in each interval.
  void send_later(std::chrono::milliseconds delay);
  void send_exception(const UserException& exception, std::uint64_t count);
  /// Logs what the test that has ended left undone.
  void tell_cut_off();
  /// A new test: what the one before it cut off is forgotten, and what nobody has taken of its numbers.
  void begin_test();
  /// --reset-stats: what was counted until now goes to the metrics alone.
  void reset() {
    collect(Collecting::for_now, [this] { unsent_.reset(); });
  }

 private:
  void collect(Collecting kind, std::function<void()> done);
  bool may_report(Collecting kind) const;
  void send_now();
  void keep_in_book(const ShardReport& report);
  bool holds(Collecting kind);
  void take_addition(Value added);
  void send_more_additions();

  const WorkerOptions& options_;
  ControlLoop& loop_;
  const worker_state::State& state_;
  ShardGroup& shards_;
  MasterLink& link_;
  metrics::Book* book_;
  std::unique_ptr<ControlLoop::Timer> timer_;
  Statistics unsent_;
  CutOffCounts cut_off_;
  DroppedTasks dropped_;
  LoopLag lag_;  // that no report has told yet
  LoopLagWatch lag_watch_;
  MachineWatch machine_watch_;
  UserCounts users_;
  std::uint64_t tasks_cut_short_ = 0;
  std::deque<Value> additions_;  // to the reports to come
  bool asked_for_additions_ = false;
  int reports_held_ = 0;
};

}  // namespace katydid
