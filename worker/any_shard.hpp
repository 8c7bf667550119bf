#pragma once

#include "base/value.hpp"
#include "net/loop_lag.hpp"
#include "net/reactor/reactor.hpp"
#include "worker/statistics/delta.hpp"
#include "worker/user/environment.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace katydid {

/// Users per class name: absolute numbers.
using UserCounts = std::map<std::string, std::int64_t>;

/// Per class: the users that are to run, and what the workers that are behind one master have in all.
struct UserTargets {
  UserCounts users;
  /// What part of the class's arrival rate goes with them, from 0 to 1. Of classes that have none it says nothing.
  std::map<std::string, double> parts{};
  UserCounts fleet{};  ///< of all workers, as far as it is known
};

/// What a task threw, for Locust's Exceptions tab.
struct UserException {
  std::string message;
  std::string traceback;
  bool operator<(const UserException& other) const {
    return std::tie(message, traceback) < std::tie(other.message, other.traceback);
  }
};

/// What a shard hands over for a report.
struct ShardReport {
  std::vector<StatisticsDelta> statistics;
  UserCounts users;
  std::map<UserException, std::uint64_t> exceptions;
  std::vector<Value> additions;  ///< of listeners of report_to_master, objects
  bool asked_for_additions = false;
  std::uint64_t tasks_cut_short = 0;
  LoopLag lag;
  // Of the shards' threads since the last report.
  std::chrono::nanoseconds wall{}, cpu{}, waited{};  ///< `waited`: for a processor

  bool has_users() const {
    return std::ranges::any_of(users, [](const auto& each) { return each.second > 0; });
  }
};

/// How long a user that is to stop may take.
struct StopPolicy {
  /// Locust's stop_timeout: for the task that is running to come to its end.
  std::chrono::nanoseconds task{};
  /// After that no new operation starts, but requests that are on their way are received and counted for so long.
  std::chrono::nanoseconds drain = std::chrono::milliseconds(500);
  /// For on_stop, at the most.
  std::chrono::nanoseconds on_stop = std::chrono::seconds(5);

  /// A user that is still there after all of that, and a moment more, blocks its thread.
  std::chrono::nanoseconds limit() const { return task + drain + on_stop + std::chrono::seconds(3); }
};

/// Something that runs users on a thread and counts what they do, as the control plane sees it: a Shard with C++ users,
/// or a host of others that is not of this library.
class AnyShard {
 public:
  virtual ~AnyShard() = default;

  /// From any thread. @{
  virtual void start_thread() = 0;
  virtual void post(std::function<void()> work) = 0;
  virtual EventLoop event_loop() const = 0;
  /// @}

  /// All below: on the shard's own thread, by post(). @{
  virtual void begin_test(TestSettings settings) = 0;
  /// Starts or stops the difference; `reached` is called when the users to start have started and the others have gone.
  /// A later call takes the place of one that has not answered yet, which then never does.
  virtual void set_targets(UserTargets targets, StopPolicy policy, std::function<void()> reached) = 0;
  /// After the test_stop hooks: `done` is called when what they began has ended, or has taken too long.
  virtual void finish_hooks(std::function<void()> done) { std::exchange(done, nullptr)(); }
  virtual ShardReport report() = 0;
  /// @}
};

}  // namespace katydid
