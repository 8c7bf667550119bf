#include "worker/running_user.hpp"

#include "net/network_options.hpp"
#include "worker/call_hooks.hpp"
#include "worker/exception_text.hpp"
#include "worker/log/log.hpp"
#include "worker/shard.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.user"};

}  // namespace

RunningUser*& RunningUser::being_made() {
  thread_local RunningUser* user = nullptr;
  return user;
}

namespace {

/// While a constructor of users' code runs.
class BeingMade {
 public:
  explicit BeingMade(RunningUser& user) { RunningUser::being_made() = &user; }
  ~BeingMade() { RunningUser::being_made() = nullptr; }
  BeingMade(const BeingMade&) = delete;
  BeingMade& operator=(const BeingMade&) = delete;
};

RunningUser& being_made_for(const char* what) {
  RunningUser* user = RunningUser::being_made();
  if (!user) throw std::logic_error(what);
  return *user;
}

}  // namespace

EnteredTaskSet::EnteredTaskSet(const TaskSetClass& entered, const TaskChoice& left)
    : definition(entered), tasks(left), wait_state{.last_start = Loop::clock::now()} {}

RunningUser::RunningUser(Shard& shard, ClassOnShard& user_class)
    : RunningUser(shard, user_class, make_recording(shard, user_class, *this)) {}

RunningUser::RunningUser(Shard& shard, ClassOnShard& user_class, std::unique_ptr<Recording> recording)
    : Context(shard.loop(), recording ? recording->first(shard.statistics()) : shard.statistics()),
      Timer(&RunningUser::deadline_passed),
      shard_(shard),
      class_(user_class),
      recording_(std::move(recording)),
      host_(user_class.host),
      network_turn_(next_network_turn()) {
  if (const auto seed = shard.next_seed(user_class)) random_ = std::make_unique<RandomSource>(*seed);
  class_name = user_class.definition->name;
  const BeingMade being_made(*this);
  user_ = class_.definition->make();
}

std::unique_ptr<Recording> RunningUser::make_recording(Shard& shard, const ClassOnShard& user_class,
                                                       RunningUser& user) {
  const bool is_heard = !Hooks::registered().request.empty();
  if (!is_heard && !user_class.arrivals && !shard.corrects_latency()) return nullptr;
  auto made = std::make_unique<Recording>();
  if (is_heard) made->listening = std::make_unique<RequestListening>(shard.statistics(), user);
  Recorder& next = made->first(shard.statistics());
  if (user_class.arrivals) {
    made->intended = std::make_unique<IntendedStart>(next, shard.statistics(), shard.reports_service_time());
  } else if (shard.corrects_latency()) {
    made->correction = std::make_unique<LatencyCorrection>(next, shard.statistics());
  }
  return made;
}

Recorder& Recording::first(Recorder& statistics) const {
  if (intended) return *intended;
  if (correction) return *correction;
  if (listening) return *listening;
  return statistics;
}

RunningUser::~RunningUser() {
  if (armed()) loop.disarm(*this);
  life_ = {};  // what it awaits refers to the user
  while (innermost_) innermost_ = std::move(innermost_->outer);
}

const UserClass& RunningUser::user_class() const { return *class_.definition; }

/// For as long as it lives, the user may be stopped at once.
class RunningUser::Waiting {
 public:
  explicit Waiting(RunningUser& user) : user_(user) { user_.phase_ = Phase::waiting; }
  ~Waiting() { user_.phase_ = Phase::running; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  RunningUser& user_;
};

void RunningUser::start() {
  phase_ = Phase::running;
  wait_state_.last_start = Loop::clock::now();
  life_ = run_tasks(nullptr);
  life_.start(*this);
}

task<> RunningUser::begin() {
  try {
    co_await user_->on_start();
    rethrow();
  } catch (const StopUser&) {
    will_not_work();
    throw;
  } catch (...) {
    report("on_start");
    will_not_work();
    throw StopUser();
  }
  if (Arrivals* arrivals = arrivals_for(nullptr); arrivals && !stop_requested_) {
    arrivals->user_is_ready();
    co_await wait_for_arrival(*arrivals);
  }
}

/// It is missing in the pool, and the rate stays as it is.
void RunningUser::will_not_work() {
  if (Arrivals* arrivals = arrivals_for(nullptr)) arrivals->user_is_ready();
}

task<> RunningUser::wait_for_arrival(Arrivals& arrivals) {
  const Waiting waiting(*this);
  const auto due = co_await arrivals.next();
  recording_->intended->task_begins(Loop::clock::now() - due);
}

// All users that wait are in it: what is declared here, and what is awaited here, costs each of them its size.
task<> RunningUser::run_tasks(EnteredTaskSet* in) {
  try {
    if (!in) co_await begin();
    while (!stop_requested_) {
      const std::uint64_t turn = loop.turn();
      const TaskDefinition* next = nullptr;
      bool wait_now = true;
      try {
        try {
          next = &next_task(in);
          if (next->set) {
            co_await run_task_set(*next->set);
          } else {
            if (recording_ && recording_->correction) recording_->correction->task_begins();
            co_await next->run(in ? static_cast<TaskOwner&>(*in->set) : *user_);
          }
        } catch (...) {
          if (!thrown) throw;  // else a response went on its way, and what its listener has thrown takes its place
        }
        rethrow();
      } catch (const StopUser&) {
        throw;
      } catch (const InterruptTaskSet&) {
        if (in) throw;
        report_in(next);
      } catch (const RescheduleTask&) {
      } catch (const RescheduleTaskImmediately&) {
        wait_now = false;
      } catch (const StopTest&) {
        report_in(next);
        throw StopUser();
      } catch (...) {
        report_in(next);
      }
      if (stop_requested_) break;
      if (Arrivals* arrivals = arrivals_for(in)) {  // "immediately" leaves out wait times alone
        co_await wait_for_arrival(*arrivals);
        continue;
      }
      const auto duration = wait_now ? next_wait(in) : Loop::clock::duration::zero();
      if (stop_requested_) break;
      // Tasks that never suspend must not keep the loop from its other work.
      if (duration > Loop::clock::duration::zero() || loop.turn() == turn) {
        phase_ = Phase::waiting;
        co_await sleep(duration);
        phase_ = Phase::running;
      }
    }
  } catch (const StopUser&) {
    if (in) throw;
  }
  if (in) co_return;
  stop_requested_ = true;
  finish_later();
}

const TaskDefinition& RunningUser::next_task(EnteredTaskSet* in) {
  if (const TaskDefinition* only = in ? nullptr : class_.tasks.only()) return *only;
  if (const TaskDefinition* scheduled = in ? in->set->next_scheduled() : nullptr) return *scheduled;
  const RandomScope scope(random_.get());
  return in ? in->set->get_next_task() : class_.tasks.at_random();
}

EnteredTaskSet* RunningUser::entered(const AnyTaskSet* set) const {
  EnteredTaskSet* in = set ? innermost_.get() : nullptr;
  while (in && in->set.get() != set) in = in->outer.get();
  return in;
}

const TaskDefinition& RunningUser::usual_task(const AnyTaskSet& set) {
  EnteredTaskSet* const in = entered(&set);
  if (!in) throw std::logic_error("get_next_task() of a task set that its user is not in");
  switch (in->definition.order) {
    case TaskOrder::sequential:
      return in->tasks.in_order(in->place);
    case TaskOrder::markov:
      return in->tasks.by_transition(in->place);
    case TaskOrder::random:
      break;
  }
  return in->tasks.at_random();
}

task<> RunningUser::run_task_set(const TaskSetClass& definition) {
  auto made = std::make_unique<EnteredTaskSet>(definition, shard_.tasks_of(definition));
  {
    const BeingMade being_made(*this);
    made->set = definition.make();
  }
  made->outer = std::move(innermost_);
  innermost_ = std::move(made);
  EnteredTaskSet& entered = *innermost_;
  bool reschedule = true;
  std::exception_ptr refused;
  try {
    co_await entered.set->on_start();
    rethrow();
    entered.started = true;
    co_await run_tasks(&entered);
    co_return;  // the user is to stop: on_stop comes with the user's
  } catch (const InterruptTaskSet& interrupt) {
    reschedule = interrupt.reschedule;
  } catch (const StopUser&) {
    throw;
  } catch (...) {  // of on_start
    refused = std::current_exception();
  }
  const auto left = std::move(innermost_);
  innermost_ = std::move(left->outer);
  if (refused) std::rethrow_exception(refused);
  if (left->started) co_await call_on_stop(*left->set, left->definition.name);
  if (reschedule) throw RescheduleTaskImmediately();
  throw RescheduleTask();
}

/// What it throws is reported, and goes no further.
task<> RunningUser::call_on_stop(TaskOwner& owner, std::string_view name) {
  try {
    co_await owner.on_stop();
  } catch (const StopUser&) {
  } catch (const InterruptTaskSet&) {
  } catch (...) {
    report(name.empty() ? "on_stop" : ("on_stop of " + std::string(name)).c_str());
  }
  thrown = nullptr;  // there is no task that it could steer
}

task<> RunningUser::wait(const AnyTaskSet* set) {
  rethrow();
  if (phase_ == Phase::ending || stop_requested_) throw StopUser();
  EnteredTaskSet* const in = entered(set);
  Arrivals* const arrivals = arrivals_for(in);
  const auto duration = arrivals ? Loop::clock::duration() : next_wait(in);
  if (stop_requested_) throw StopUser();
  if (arrivals) {
    co_await wait_for_arrival(*arrivals);
  } else {
    const Waiting waiting(*this);  // in a block of its own: any() may give it up
    co_await sleep(duration);
  }
  if (stop_requested_) throw StopUser();
}

Arrivals* RunningUser::arrivals_for(const EnteredTaskSet* in) const {
  return in && in->definition.wait ? nullptr : class_.arrivals.get();
}

/// What a wait time throws ends its user, as in Locust.
Loop::clock::duration RunningUser::next_wait(EnteredTaskSet* in) {
  const RandomScope scope(random_.get());
  const bool own = in && in->definition.wait;
  try {
    const WaitTime& wait_time = own ? *in->definition.wait : class_.definition->wait;
    const std::int64_t fleet = std::max(class_.fleet, class_.live());
    const auto wait = wait_time.next(*user_, own ? in->wait_state : wait_state_, fleet);
    rethrow();
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
  for (; innermost_; innermost_ = std::move(innermost_->outer)) {
    if (innermost_->started) co_await call_on_stop(*innermost_->set, innermost_->definition.name);
  }
  co_await call_on_stop(*user_, {});
  phase_ = Phase::gone;
  finish_later();
}

void RunningUser::stop() {
  stop_requested_ = true;
  const StopPolicy& policy = shard_.stop_policy();
  if (phase_ == Phase::ending || phase_ == Phase::gone) {
    if (phase_ == Phase::ending) set_deadline(policy.on_stop);
    return;
  }
  if (phase_ == Phase::running && policy.task > std::chrono::nanoseconds::zero() && !cancelled) {
    set_deadline(policy.task);
  } else {
    cancel();
  }
}

void RunningUser::cancel() {
  cancelled = true;
  if (requests_in_flight == 0) {
    finish_later();
  } else {
    set_deadline(shard_.stop_policy().drain);
  }
}

void RunningUser::deadline_passed(Timer& timer) {
  auto& user = static_cast<RunningUser&>(timer);
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
  loop.disarm(*this);
  life_ = {};
  if (phase_ == Phase::gone) {
    shard_.remove(*this);  // destroys this
    return;
  }
  phase_ = Phase::ending;
  cancelled = false;
  thrown = nullptr;
  shard_.user_is_ending(*this);
  set_deadline(shard_.stop_policy().on_stop);
  life_ = end();
  life_.start(*this);
}

void RunningUser::report_in(const TaskDefinition* task) { report(task ? task->name.c_str() : "get_next_task"); }

/// What is being handled.
void RunningUser::report(const char* where) {
  const std::string place = "in " + std::string(where) + ", user class " + user_class().name;
  try {
    throw;
  } catch (const StopTest& stop) {
    shard_.stop_test(place, stop.what());
  } catch (...) {
    UserException exception = current_exception(place);
    if (user_) {
      call_each("user_error", Hooks::registered().user_error,
                UserErrorEvent{.user_instance = *user_,
                               .exception = std::current_exception(),
                               .message = exception.message,
                               .traceback = exception.traceback});
    }
    shard_.report_exception(std::move(exception));
  }
}

User::User() : running_(being_made_for("only Katydid can make a user, when a test starts it")) {}

const std::string& User::host() const { return running_.host(); }
void User::record(const Sample& sample) { running_.recorder.record(sample); }
void User::stop() { running_.stop_after_task(); }
task<> User::wait() { return running_.wait(nullptr); }
Context& User::running_context() const { return running_; }
RandomSource& User::random_source() { return running_.random() ? *running_.random() : katydid::random_source(); }
Shard& User::shard() const { return running_.shard(); }

AnyTaskSet::AnyTaskSet()
    : running_(being_made_for("only Katydid can make a task set, when a user enters it")),
      user_(*running_.user()),
      parent_(running_.innermost()) {}
task<> AnyTaskSet::wait() { return running_.wait(this); }
const TaskDefinition& AnyTaskSet::get_next_task() { return running_.usual_task(*this); }

}  // namespace katydid
