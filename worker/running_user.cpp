#include "worker/running_user.hpp"

#include "worker/exception_text.hpp"
#include "worker/log/log.hpp"
#include "worker/shard.hpp"

#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.user"};

}  // namespace

RunningUser*& RunningUser::being_made() {
  thread_local RunningUser* user = nullptr;
  return user;
}

RunningUser::RunningUser(Shard& shard, ClassOnShard& user_class)
    : Context(shard.loop(), shard.statistics()),
      shard_(shard),
      class_(user_class),
      host_(shard.settings().host.empty() ? user_class.definition->host_in(shard.settings()) : shard.settings().host) {
  being_made() = this;
  try {
    user_ = class_.definition->make();
  } catch (...) {
    being_made() = nullptr;
    throw;
  }
  being_made() = nullptr;
}

RunningUser::~RunningUser() {
  if (deadline_.armed()) loop.disarm(deadline_);
  life_ = {};  // what it awaits refers to the user
}

const UserClass& RunningUser::user_class() const { return *class_.definition; }

void RunningUser::start() {
  phase_ = Phase::running;
  wait_state_.last_start = Loop::clock::now();
  life_ = life();
  life_.start(*this);
}

task<> RunningUser::life() {
  bool started = false;
  try {
    co_await user_->on_start();
    started = true;
  } catch (const StopUser&) {
  } catch (...) {
    report("on_start");
  }
  stop_requested_ = stop_requested_ || !started;
  while (!stop_requested_) {
    const std::uint64_t turn = loop.turn();
    const UserClass::Task& next = class_.pick();
    bool wait_now = true;
    try {
      co_await next.run(*user_);
    } catch (const StopUser&) {
      break;
    } catch (const RescheduleTask&) {
    } catch (const RescheduleTaskImmediately&) {
      wait_now = false;
    } catch (const StopTest&) {
      report(next.name.c_str());
      break;
    } catch (...) {
      report(next.name.c_str());
    }
    if (stop_requested_) break;
    const auto duration = wait_now ? next_wait() : Loop::clock::duration::zero();
    if (stop_requested_) break;
    // Tasks that never suspend must not keep the loop from its other work.
    if (duration > Loop::clock::duration::zero() || loop.turn() == turn) {
      phase_ = Phase::waiting;
      co_await sleep(duration);
      phase_ = Phase::running;
    }
  }
  stop_requested_ = true;
  finish_later();
}

/// What a wait time throws ends its user, as in Locust.
Loop::clock::duration RunningUser::next_wait() {
  try {
    const auto wait = class_.definition->wait.next(*user_, wait_state_, Loop::clock::now());
    if (wait < wait.zero() && !std::exchange(class_.warned_of_wait, true)) {
      logger.warning("the wait_time of {} was negative, which counts as none; this is said once", user_class().name);
    }
    return wait;
  } catch (const StopUser&) {
  } catch (...) {
    report("wait_time");
  }
  stop_requested_ = true;
  return {};
}

task<> RunningUser::end() {
  try {
    co_await user_->on_stop();
  } catch (const StopUser&) {
  } catch (...) {
    report("on_stop");
  }
  phase_ = Phase::gone;
  finish_later();
}

void RunningUser::stop(const StopPolicy& policy) {
  stop_requested_ = true;
  policy_ = policy;
  if (phase_ == Phase::ending || phase_ == Phase::gone) {
    if (phase_ == Phase::ending) loop.arm(deadline_, Loop::clock::now() + policy.on_stop);
    return;
  }
  if (phase_ == Phase::running && policy.task > std::chrono::nanoseconds::zero() && !cancelled) {
    loop.arm(deadline_, Loop::clock::now() + policy.task);
  } else {
    cancel();
  }
}

void RunningUser::cancel() {
  cancelled = true;
  if (requests_in_flight == 0) {
    finish_later();
  } else {
    loop.arm(deadline_, Loop::clock::now() + policy_.drain);
  }
}

void RunningUser::deadline_passed(Timer& timer) {
  RunningUser& user = static_cast<Deadline&>(timer).user;
  if (user.phase_ == Phase::ending) {
    logger.warning("on_stop of a {} took too long, so the user was ended without it", user.user_class().name);
    user.phase_ = Phase::gone;
    user.finish_later();
  } else if (user.cancelled) {
    user.finish_later();
  } else {
    user.shard_.task_cut_short();
    user.cancel();
  }
}

void RunningUser::on_parked() {
  if (requests_in_flight == 0) finish_later();
}

// Deferred, because the coroutine that is to be destroyed may be the one that is running.
void RunningUser::finish_later() {
  if (std::exchange(finish_posted_, true)) return;
  loop.defer([this] { finish(); });
}

void RunningUser::finish() {
  finish_posted_ = false;
  loop.disarm(deadline_);
  life_ = {};
  if (phase_ == Phase::gone) {
    shard_.remove(*this);  // destroys this
    return;
  }
  phase_ = Phase::ending;
  cancelled = false;
  shard_.user_is_ending(*this);
  loop.arm(deadline_, Loop::clock::now() + policy_.on_stop);
  life_ = end();
  life_.start(*this);
}

/// What is being handled.
void RunningUser::report(const char* where) {
  const std::string place = "in " + std::string(where) + ", user class " + user_class().name;
  try {
    throw;
  } catch (const StopTest& stop) {
    shard_.stop_test(place, stop.what());
  } catch (...) {
    shard_.report_exception(current_exception(place));
  }
}

User::User()
    : running_(RunningUser::being_made()
                   ? *RunningUser::being_made()
                   : throw std::logic_error("only Katydid can make a user, when a test starts it")) {}

const std::string& User::host() const { return running_.host(); }
void User::record(const Sample& sample) { running_.recorder.record(sample); }
void User::stop() { running_.stop_after_task(); }
Context& User::context() const { return running_; }
Shard& User::shard() const { return running_.shard(); }

}  // namespace katydid
