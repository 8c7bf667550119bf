#pragma once

#include "base/task.hpp"
#include "net/context.hpp"
#include "net/loop.hpp"
#include "worker/any_shard.hpp"
#include "worker/user/user_class.hpp"

#include <chrono>
#include <memory>

namespace katydid {

class Shard;
struct ClassOnShard;

/// A user with its life: on_start, then tasks and waits, then on_stop. Owned by its shard, on whose thread all happens.
///
/// It is cancelled by destroying the coroutine of its life, never by an exception that a task could swallow.
class RunningUser final : public Context {
 public:
  /// Throws what the user's constructor throws.
  RunningUser(Shard& shard, ClassOnShard& user_class);
  ~RunningUser();

  void start();
  /// Ends this user by `policy`. A second call can only make it sooner.
  void stop(const StopPolicy& policy);
  /// Ends it after its current task, whenever that is: User::stop().
  void stop_after_task() { stop_requested_ = true; }
  const UserClass& user_class() const;
  const std::string& host() const { return host_; }
  ClassOnShard& on_shard() { return class_; }
  Shard& shard() { return shard_; }

  /// The shard's notes: its place in the list of users, and whether it is counted as stopping. @{
  std::size_t position = 0;
  bool told_to_stop = false;
  /// @}

  /// The user whose constructor runs on this thread.
  static RunningUser*& being_made();

 private:
  enum class Phase { not_started, running, waiting, ending, gone };

  task<> life();
  task<> end();
  void on_parked() override;
  void cancel();
  void finish_later();
  void finish();
  Loop::clock::duration next_wait();
  /// The exception that is being handled.
  void report(const char* where);
  static void deadline_passed(Timer& timer);

  Shard& shard_;
  ClassOnShard& class_;
  std::string host_;
  std::unique_ptr<User> user_;
  task<> life_;
  Phase phase_ = Phase::not_started;
  bool stop_requested_ = false;
  bool finish_posted_ = false;
  StopPolicy policy_;
  WaitTime::State wait_state_;

  struct Deadline : Timer {
    explicit Deadline(RunningUser& u) : Timer(&RunningUser::deadline_passed), user(u) {}
    RunningUser& user;
  } deadline_{*this};
};

}  // namespace katydid
