#pragma once

#include "worker/log/recorder.hpp"
#include "worker/master_link.hpp"
#include "worker/metrics/metrics.hpp"
#include "worker/shard.hpp"
#include "worker/user/user_class.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace katydid {

struct WorkerOptions {
  std::string master_host = "127.0.0.1";
  std::uint16_t master_port = 5557;
  std::string host{};                               ///< --host: used where the master has none
  Value parsed_options = Value::object();           ///< this program's own; the master's override them
  std::vector<std::string> tags{}, exclude_tags{};  ///< added to the master's
  std::size_t shards = 1;
  ShardOptions shard{};
  bool reset_stats = false;
  bool report_loop_lag = false;  ///< as an entry of the statistics, "katydid loop lag"
  LinkTiming timing{};
  MetricsOptions metrics{};
  std::chrono::milliseconds report_interval{3'000};  ///< WORKER_REPORT_INTERVAL
  std::chrono::milliseconds log_interval{10'000};    ///< WORKER_LOG_REPORT_INTERVAL
  std::shared_ptr<LogRecorder> logs{};
  bool watch_crashes = false;  ///< of the process: the log and the master are told of one
  bool watch_machine = false;  ///< warnings where it bends the figures (MachineWatch)
};

/// A Locust worker: runs what the master orders until it says quit, is lost for good, or a signal comes. Locust's
/// WorkerRunner.
///
/// The calling thread is the control plane (ZeroMQ, heartbeats, reports); users run on the shards' threads, so that no
/// load delays a heartbeat. SIGINT and SIGTERM end it after the users have stopped and the last statistics have left; a
/// second one ends the process at once. Returns the exit code. Throws std::runtime_error when it can't start.
int run_worker(const WorkerOptions& options, const std::vector<const UserClass*>& classes);

}  // namespace katydid
