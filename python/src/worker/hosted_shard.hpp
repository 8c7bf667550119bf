#pragma once

#include "net/loop.hpp"
#include "worker/any_shard.hpp"
#include "worker/shard_counts.hpp"
#include "worker/statistics/statistics.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace katydid::python {

/// What a test does with users that are not C++: called on the thread of their loop.
class UserHost {
 public:
  virtual ~UserHost() = default;
  virtual void begin_test(const TestSettings& settings) = 0;
  /// Whoever has reached the targets says so by SharedShard::reached().
  virtual void set_targets(const UserTargets& targets, const StopPolicy& policy) = 0;
  /// Says so by SharedShard::tell_hooks_finished().
  virtual void finish_hooks() = 0;
};

/// The state of a hosted shard, which outlives the control plane's end of it.
struct SharedShard {
  SharedShard(Loop& l, Statistics& s, UserHost& h) : loop(l), statistics(s), host(h) {}

  /// Answers the last set_targets(), once.
  void tell_reached();
  /// The same for finish_hooks().
  void tell_hooks_finished();

  Loop& loop;
  Statistics& statistics;
  UserHost& host;
  /// Of the thread that turns the loop. @{
  UserCounts users;
  ShardCounts counts;
  std::function<void()> reached, hooks_finished;
  /// @}

  std::mutex mutex;  // guards what the control plane has posted, while it runs
  bool attached = true;
};

/// A shard on a loop that Python hosts: the thread is Python's, and all that is posted runs when it turns the loop.
class HostedShard final : public AnyShard {
 public:
  explicit HostedShard(std::shared_ptr<SharedShard> shared) : shared_(std::move(shared)) {}
  /// Nothing that was posted runs afterwards.
  ~HostedShard() override;

  void start_thread() override {}
  void post(std::function<void()> work) override;
  EventLoop event_loop() const override { return shared_->loop.kind(); }
  void begin_test(TestSettings settings) override;
  void set_targets(UserTargets targets, StopPolicy policy, std::function<void()> reached) override;
  void finish_hooks(std::function<void()> done) override;
  ShardReport report() override;

 private:
  std::shared_ptr<SharedShard> shared_;
};

}  // namespace katydid::python
