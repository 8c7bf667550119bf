#pragma once

#include "http/curl/engine.hpp"
#include "http/fast/engine.hpp"
#include "http/tracer.hpp"
#include "net/loop.hpp"
#include "worker/any_shard.hpp"
#include "worker/arrivals/arrivals.hpp"
#include "worker/running_user.hpp"
#include "worker/shard_counts.hpp"
#include "worker/statistics/statistics.hpp"
#include "worker/task_plan.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace katydid {

/// One user class as a shard runs it.
struct ClassOnShard {
  const UserClass* definition = nullptr;
  TaskChoice tasks;  // those that the test's tags leave
  std::int64_t target = 0;
  std::vector<std::unique_ptr<RunningUser>> users;  // all, the ones that are stopping included
  std::int64_t stopping = 0;
  bool warned_of_wait = false;
  std::uint64_t started = 0;                // in this test
  std::unique_ptr<Arrivals> arrivals;       // where the class has an arrival rate
  std::int64_t fleet = 0;                   // users of the class on all workers; 0: not known
  bool broken = false;                      // its constructor threw: no more are made in this test
  std::shared_ptr<const std::string> host;  // that its users of this test load

  std::int64_t live() const { return static_cast<std::int64_t>(users.size()) - stopping; }
};

struct ShardOptions;

/// Makes a shard that is not the usual one.
using ShardFactory = std::function<std::unique_ptr<AnyShard>(const ShardOptions&)>;

struct ShardOptions {
  std::size_t index = 0;
  std::size_t count = 1;  ///< of the shards that there are
  EventLoop event_loop = EventLoop::automatic;
  StatisticsOptions statistics{};
  std::optional<std::uint64_t> seed{};  ///< of what is left to chance in users
  Tracer* tracer = nullptr;             ///< for the clients of its users
  bool report_service_time = false;     ///< `[service]` entries beside those of users that have an arrival rate
  bool latency_correction = false;      ///< `[corrected]` entries beside those of users that have none
  bool busy_poll = false;               ///< its loop does not sleep while there are to be users
  std::vector<int> cores{};             ///< its thread is pinned to the one at `index`, counted round; empty: to none
  ShardFactory make{};                  ///< empty: a Shard
};

/// A thread with an event loop, its engines, its users and their statistics. Nothing on the path of a request is shared
/// with another thread; the control plane asks by post(), and what it asked for answers by a callback on this thread.
class Shard final : public AnyShard {
 public:
  /// `classes` must outlive the shard.
  Shard(const ShardOptions& options, const std::vector<const UserClass*>& classes);
  /// Ends the thread; users that are left are destroyed without on_stop.
  ~Shard() override;

  /// From any thread. @{
  void start_thread() override;
  void post(std::function<void()> work) override { loop_.post(std::move(work)); }
  EventLoop event_loop() const override { return loop_.kind(); }
  /// @}

  /// All below: on the shard's own thread.
  Loop& loop() { return loop_; }
  Statistics& statistics() { return statistics_; }
  CurlEngine& curl() { return *curl_; }
  FastEngine& fast() { return *fast_; }
  Tracer* tracer() const { return options_.tracer; }
  const TestSettings& settings() const { return settings_; }
  bool reports_service_time() const { return options_.report_service_time; }
  /// Of the last order, for users that are told to stop by it and for those that end by themselves.
  const StopPolicy& stop_policy() const { return policy_; }
  bool corrects_latency() const { return options_.latency_correction; }
  /// What the test's settings leave of it.
  const TaskChoice& tasks_of(const TaskSetClass& set) { return plan_.of(set, settings_); }

  void begin_test(TestSettings settings) override;
  void set_targets(UserTargets targets, StopPolicy policy, std::function<void()> reached) override;
  ShardReport report() override;

  /// For users.
  void report_exception(UserException exception) { counts_.report_exception(std::move(exception)); }
  /// What chance begins with for another user of the class; nothing without a seed.
  std::optional<std::uint64_t> next_seed(ClassOnShard& users) const;
  std::optional<std::uint64_t> seed_of_arrivals(const UserClass& user_class) const;
  void task_cut_short() { counts_.task_cut_short(); }
  /// StopTest was thrown there.
  void stop_test(std::string_view where, std::string_view why);
  void user_is_ending(RunningUser& user);
  void remove(RunningUser& user);

 private:
  void start_some();
  void check_reached();
  void bury_some();
  void tell_to_stop(RunningUser& user);
  void stop_surplus(ClassOnShard& users);

  ShardOptions options_;
  Loop loop_;
  Statistics statistics_;
  std::unique_ptr<CurlEngine> curl_;
  std::unique_ptr<FastEngine> fast_;
  TestSettings settings_;
  TaskPlan plan_;
  std::vector<std::unique_ptr<ClassOnShard>> classes_;
  std::deque<std::unique_ptr<RunningUser>> gone_;  // to be destroyed, a few with each turn
  StopPolicy policy_;
  std::function<void()> reached_;
  bool starting_ = false;
  bool precise_timers_ = false;
  bool test_stopped_ = false;
  ShardCounts counts_;
  std::thread thread_;
};

}  // namespace katydid
