#pragma once

#include "worker/command/search/find_max.hpp"
#include "worker/command/threshold.hpp"
#include "worker/metrics/metrics.hpp"
#include "worker/reports/reports.hpp"
#include "worker/shard.hpp"
#include "worker/user/environment.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace katydid {

/// `--headless`: a test without a master, Locust's LocalRunner.
struct LocalRunOptions {
  std::int64_t users = 1;
  double spawn_rate = 1;                               ///< users per second
  std::optional<std::chrono::nanoseconds> run_time{};  ///< none: until SIGINT or SIGTERM
  std::chrono::nanoseconds stop_timeout{};
  TestSettings settings{};
  std::size_t shards = 1;
  ShardOptions shard{};
  bool reset_stats = false;
  bool report_loop_lag = false;  ///< logged at the end
  bool only_summary = false;
  bool plain = false;            ///< no live view on a terminal
  bool ends_with_users = false;  ///< the test is over when no user is left of those that it has started
  int exit_code_on_error = 1;
  std::vector<Threshold> fail_if{};
  FindMaxOptions find_max{};  ///< with requirements: the test is that search, and ends with it
  ReportOptions reports{};
  MetricsOptions metrics{};
  std::string locustfile{};                         ///< its name, for reports
  std::chrono::milliseconds print_interval{2'000};  ///< CONSOLE_STATS_INTERVAL_SEC
};

/// Runs the test, prints Locust's tables to stdout while it runs and at the end. Returns the exit code:
/// `exit_code_on_error` when a request failed or a task threw, as Locust's; with `fail_if`, when one of them holds or a
/// task threw; with `find_max`, when no rate held. Throws std::runtime_error when a report file can't be made, or
/// metrics can't be shown.
int run_locally(const LocalRunOptions& options, std::vector<const UserClass*> classes);

/// `--run-single-user NAME`: one user, each request and its answer printed as it happens, until it has ended. Locust's
/// run_single_user.
int run_single_user(const LocalRunOptions& options, const UserClass& user_class);

}  // namespace katydid
