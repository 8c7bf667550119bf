#pragma once

#include "tests/simulated/virtual_time.hpp"
#include "worker/any_shard.hpp"
#include "worker/statistics/statistics.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace katydid::simulated {

/// What users and hooks are like in a world, for the time being.
struct Habits {
  std::chrono::milliseconds task{1'000}, request{20}, on_stop{0};
  std::chrono::milliseconds start_hook{0}, stop_hook{0};
};

/// A shard whose users are numbers: they make samples, and take their time to end. It keeps the contract of AnyShard as
/// worker/shard.cpp does; its statistics are the real ones.
class SimulatedShard final : public AnyShard {
 public:
  using Made = std::function<void(const std::string& test)>;  // a sample, of the test of that name

  SimulatedShard(VirtualTime& time, const Habits& habits, bool first, Made made);

  void start_thread() override {}
  void post(std::function<void()> work) override { thread_.post(std::move(work)); }
  EventLoop event_loop() const override { return EventLoop::io_uring; }
  void begin_test(TestSettings settings) override;
  void set_targets(UserTargets targets, StopPolicy policy, std::function<void()> reached) override;
  void finish_hooks(std::function<void()> done) override;
  ShardReport report() override;

  void block_for(std::chrono::milliseconds time) { thread_.block_until(time_.now() + time); }
  /// Its users, without or with those that are stopping.
  std::int64_t live(const std::string& user_class) const;
  std::int64_t users() const;
  const std::string& test() const { return test_; }

 private:
  struct Ending {
    std::string user_class;
    clock::time_point end;
    bool answered;  // what it asked for last comes in time
  };
  void turn();
  void record(std::int64_t samples);
  void tell_to_stop(const std::string& user_class, std::int64_t count, const StopPolicy& policy);
  clock::time_point end_of(const StopPolicy& policy) const;
  void bury();
  void check_reached();

  VirtualTime& time_;
  const Habits& habits_;
  bool first_;
  Made made_;
  VirtualThread thread_{time_};
  std::unique_ptr<ControlLoop::Timer> turn_timer_, hooks_timer_;
  Statistics statistics_;
  std::string test_;
  std::map<std::string, std::int64_t> live_;
  std::vector<Ending> ending_;
  std::function<void()> reached_;
};

}  // namespace katydid::simulated
