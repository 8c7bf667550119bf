#pragma once

#include "base/task.hpp"
#include "net/context.hpp"
#include "net/loop.hpp"
#include "worker/any_shard.hpp"
#include "worker/arrivals/arrivals.hpp"
#include "worker/arrivals/intended_start.hpp"
#include "worker/arrivals/latency_correction.hpp"
#include "worker/request_listening.hpp"
#include "worker/task_plan.hpp"
#include "worker/user/user_class.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace katydid {

class Shard;
struct ClassOnShard;

/// A task set that a user is in.
struct EnteredTaskSet {
  EnteredTaskSet(const TaskSetClass& entered, const TaskChoice& left);

  const TaskSetClass& definition;
  const TaskChoice& tasks;
  std::unique_ptr<AnyTaskSet> set;
  std::size_t place = 0;  ///< of the next task, where there is an order
  bool started = false;   ///< its on_start is done, so its on_stop is due
  WaitTime::State wait_state;
  std::unique_ptr<EnteredTaskSet> outer;  ///< the one that it is nested in, if any
};

/// What stands before the statistics.
struct Recording {
  std::unique_ptr<RequestListening> listening;    // null where nobody listens to `request`
  std::unique_ptr<IntendedStart> intended;        // null where the class has no arrival rate
  std::unique_ptr<LatencyCorrection> correction;  // null where it has one, or nobody wants it

  /// The first of them.
  Recorder& first(Recorder& statistics) const;
};

/// A user with its life: on_start, then tasks and waits, then on_stop. Owned by its shard, on whose thread all happens.
///
/// It is cancelled by destroying the coroutine of its life, never by an exception that a task could swallow. There may
/// be a hundred thousand of them, so what only some have, or what all of a class have in common, does not stand in it.
class RunningUser final : public Context, private Timer {
 public:
  /// Throws what the user's constructor throws.
  RunningUser(Shard& shard, ClassOnShard& user_class);
  ~RunningUser();

  void start();
  /// Ends this user by the shard's policy. A second call can only make it sooner.
  void stop();
  /// Ends it after its current task, whenever that is: User::stop().
  void stop_after_task() { stop_requested_ = true; }
  /// Between two tasks; of the task set, if it has one of its own. Throws StopUser when the user is to stop.
  task<> wait(const AnyTaskSet* set);
  /// The exception that is being handled.
  void report(const char* where);
  const UserClass& user_class() const;
  const std::string& host() const { return *host_; }
  ClassOnShard& on_shard() { return class_; }
  Shard& shard() { return shard_; }
  /// Its own, where there is a seed; else nullptr.
  RandomSource* random() { return random_.get(); }
  /// The one that chance, the order or the transitions choose of a task set that the user is in.
  const TaskDefinition& usual_task(const AnyTaskSet& set);
  /// Its place among all users, for what they share of the network.
  std::uint32_t network_turn() const { return network_turn_; }

  /// The shard's notes: its place in the list of users, and whether it is counted as stopping. @{
  std::size_t position = 0;
  bool told_to_stop = false;
  /// @}

  /// The user whose constructor, or that of a task set of it, runs on this thread.
  static RunningUser*& being_made();
  /// @{ For AnyTaskSet's constructor.
  User* user() { return user_.get(); }
  AnyTaskSet* innermost() { return innermost_ ? innermost_->set.get() : nullptr; }
  /// @}

 private:
  enum class Phase : std::uint8_t { not_started, running, waiting, ending, gone };
  class Waiting;

  RunningUser(Shard& shard, ClassOnShard& user_class, std::unique_ptr<Recording> recording);
  /// Until the user is to stop. `in`: nullptr for the user's own tasks, which are its life: on_start comes before them,
  /// and finish_later() after. Throws InterruptTaskSet, and of a task set StopUser.
  task<> run_tasks(EnteredTaskSet* in);
  /// on_start, and what a first task waits for. Throws StopUser where there is to be no task.
  task<> begin();
  void will_not_work();
  /// Until a task is due.
  task<> wait_for_arrival(Arrivals& arrivals);
  /// Throws what execution of a task set ends with: RescheduleTask, RescheduleTaskImmediately, StopUser.
  task<> run_task_set(const TaskSetClass& definition);
  /// Of what a task has thrown, or, where it is nullptr, get_next_task().
  void report_in(const TaskDefinition* task);
  task<> call_on_stop(TaskOwner& owner, std::string_view name);
  task<> end();
  EnteredTaskSet* entered(const AnyTaskSet* set) const;
  /// Throws what the set's get_next_task() throws.
  const TaskDefinition& next_task(EnteredTaskSet* in);
  void on_parked() override;
  void cancel();
  void finish_later();
  void finish();
  Loop::clock::duration next_wait(EnteredTaskSet* in);
  /// What its next task waits for in place of a wait time; nullptr: nothing.
  Arrivals* arrivals_for(const EnteredTaskSet* in) const;
  /// nullptr where nothing stands before the statistics.
  static std::unique_ptr<Recording> make_recording(Shard& shard, const ClassOnShard& user_class, RunningUser& user);
  /// That by which the user is to end; it is the Timer.
  static void deadline_passed(Timer& timer);
  void set_deadline(std::chrono::nanoseconds from_now) { loop.arm(*this, Loop::clock::now() + from_now); }

  Shard& shard_;
  ClassOnShard& class_;
  std::unique_ptr<Recording> recording_;
  std::shared_ptr<const std::string> host_;  // one for all of the class in this test
  std::unique_ptr<RandomSource> random_;
  std::unique_ptr<User> user_;
  std::unique_ptr<EnteredTaskSet> innermost_;
  task<> life_;
  WaitTime::State wait_state_;
  std::uint32_t network_turn_;
  Phase phase_ = Phase::not_started;
  bool stop_requested_ = false;
  bool finish_posted_ = false;
};

}  // namespace katydid
