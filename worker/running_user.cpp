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
    : Recording(make_recording(shard, user_class, *this)),
      Context(shard.loop(), first(shard.statistics())),
      shard_(shard),
      class_(user_class),
      host_(shard.settings().host.empty() ? user_class.definition->host_in(shard.settings()) : shard.settings().host),
      network_turn_(next_network_turn()) {
  if (const auto seed = shard.next_seed(user_class)) random_ = std::make_unique<RandomSource>(*seed);
  class_name = user_class.definition->name;
  const BeingMade being_made(*this);
  user_ = class_.definition->make();
}

Recording RunningUser::make_recording(Shard& shard, const ClassOnShard& user_class, RunningUser& user) {
  Recording made;
  if (!Hooks::registered().request.empty()) {
    made.listening = std::make_unique<RequestListening>(shard.statistics(), user);
  }
  Recorder& next = made.first(shard.statistics());
  if (user_class.arrivals) {
    made.intended = std::make_unique<IntendedStart>(next, shard.statistics(), shard.reports_service_time());
  } else if (shard.corrects_latency()) {
    made.correction = std::make_unique<LatencyCorrection>(next, shard.statistics());
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
  if (deadline_.armed()) loop.disarm(deadline_);
  life_ = {};  // what it awaits refers to the user
  while (!entered_.empty()) entered_.pop_back();
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
    rethrow();
    started = true;
  } catch (const StopUser&) {
  } catch (...) {
    report("on_start");
  }
  if (started) {
    try {
      if (Arrivals* arrivals = arrivals_for(nullptr); arrivals && !stop_requested_) {
        phase_ = Phase::waiting;
        arrivals->user_is_ready();
        task_was_due(co_await arrivals->next());
        phase_ = Phase::running;
      }
      co_await run_tasks(*user_, nullptr);
    } catch (const StopUser&) {
    }
  }
  stop_requested_ = true;
  finish_later();
}

task<> RunningUser::run_tasks(TaskOwner& owner, EnteredTaskSet* in) {
  while (!stop_requested_) {
    const std::uint64_t turn = loop.turn();
    const TaskDefinition* next = nullptr;
    const auto name = [&next] { return next ? next->name.c_str() : "get_next_task"; };
    bool wait_now = true;
    try {
      try {
        next = &next_task(in);
        if (next->set) {
          co_await run_task_set(*next->set);
        } else {
          if (correction) correction->task_begins();
          co_await next->run(owner);
        }
      } catch (...) {
        if (!thrown) throw;  // else a response went on its way, and what its listener has thrown takes its place
      }
      rethrow();
    } catch (const StopUser&) {
      throw;
    } catch (const InterruptTaskSet&) {
      if (in) throw;
      report(name());
    } catch (const RescheduleTask&) {
    } catch (const RescheduleTaskImmediately&) {
      wait_now = false;
    } catch (const StopTest&) {
      report(name());
      throw StopUser();
    } catch (...) {
      report(name());
    }
    if (stop_requested_) break;
    if (Arrivals* arrivals = wait_now ? arrivals_for(in) : nullptr) {
      phase_ = Phase::waiting;
      task_was_due(co_await arrivals->next());
      phase_ = Phase::running;
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
}

const TaskDefinition& RunningUser::next_task(EnteredTaskSet* in) {
  if (const TaskDefinition* only = in ? nullptr : class_.tasks.only()) return *only;
  if (const TaskDefinition* scheduled = in ? in->set->next_scheduled() : nullptr) return *scheduled;
  const RandomScope scope(random_.get());
  return in ? in->set->get_next_task() : class_.tasks.at_random();
}

EnteredTaskSet* RunningUser::entered(const AnyTaskSet* set) const {
  const auto in = std::ranges::find_if(entered_, [set](const auto& each) { return set && each->set.get() == set; });
  return in == entered_.end() ? nullptr : in->get();
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
  EnteredTaskSet& entered = *entered_.emplace_back(std::move(made));
  bool reschedule = true;
  std::exception_ptr refused;
  try {
    co_await entered.set->on_start();
    rethrow();
    entered.started = true;
    co_await run_tasks(*entered.set, &entered);
    co_return;  // the user is to stop: on_stop comes with the user's
  } catch (const InterruptTaskSet& interrupt) {
    reschedule = interrupt.reschedule;
  } catch (const StopUser&) {
    throw;
  } catch (...) {  // of on_start
    refused = std::current_exception();
  }
  const auto left = std::move(entered_.back());
  entered_.pop_back();
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
  {
    const struct EndOfWait {  // which any() may give up
      explicit EndOfWait(Phase& phase) : phase_(phase) { phase_ = Phase::waiting; }
      ~EndOfWait() { phase_ = Phase::running; }
      Phase& phase_;
    } waiting(phase_);
    if (arrivals) {
      task_was_due(co_await arrivals->next());
    } else {
      co_await sleep(duration);
    }
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
    const auto wait = wait_time.next(*user_, own ? in->wait_state : wait_state_, Loop::clock::now(), fleet);
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
  for (; !entered_.empty(); entered_.pop_back()) {
    const EnteredTaskSet& entered = *entered_.back();
    if (entered.started) co_await call_on_stop(*entered.set, entered.definition.name);
  }
  co_await call_on_stop(*user_, {});
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
  thrown = nullptr;
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
