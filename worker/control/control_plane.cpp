#include "worker/control/control_plane.hpp"

#include "worker/data/share.hpp"
#include "worker/log/log.hpp"
#include "worker/reports_under_way.hpp"
#include "worker/user/hooks.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace katydid {
namespace {

using namespace worker_state;
constexpr log::Logger logger{"katydid.worker"};

// The master waits 500 ms after `quit` for the last report: requests get the first part of it, ZeroMQ the rest.
constexpr std::chrono::milliseconds drain_at_quit{300};
constexpr std::chrono::milliseconds drain_otherwise{1'000};
constexpr std::chrono::milliseconds linger{2'000};

StopPolicy policy(protocol::Seconds stop_timeout, Haste haste) {
  return {.task = std::chrono::duration_cast<std::chrono::nanoseconds>(stop_timeout),
          .drain = haste == Haste::master ? drain_at_quit : drain_otherwise};
}

}  // namespace

ControlPlane::ControlPlane(const WorkerOptions& options, const std::vector<const UserClass*>& classes,
                           ControlLoop& loop, std::unique_ptr<MasterWire> wire, const protocol::DealerOptions& master,
                           Process& process, metrics::Book* book)
    : options_(options),
      classes_(classes),
      loop_(loop),
      process_(process),
      book_(book),
      shards_(loop, options.shards, options.shard, classes),
      log_timer_(loop.make_timer()),
      rest_timer_(loop.make_timer()),
      leave_timer_(loop.make_timer()),
      quitting_(loop, shards_),
      usage_monitor_(loop, shards_, options.shards),
      link_(loop, std::move(wire), master, options.timing, *this),
      reports_(loop, options_, state_, shards_, link_, book) {
  for (const UserClass* user_class : classes_) known_classes_.push_back(user_class->name);
  settings_ = std::make_shared<const TestSettings>(
      TestSettings{.host = options.host, .parsed_options = options.parsed_options});
  set_environment(this);
}

ControlPlane::~ControlPlane() { set_environment(nullptr); }

void ControlPlane::start() {
  reports_.send_later(options_.report_interval);
  log_later();
  shards_.run_hook("init", [] { call_each("init", Hooks::registered().init, environment()); });
  usage_monitor_.start();
  link_.announce();
}

void ControlPlane::interrupt() {
  quitting_.begin([this] { handle(event::Interrupted{}); });
}

void ControlPlane::look_after_health(HealthCallback told) {
  shards_.count_turning(patience_with_loops, [this, told = std::move(told)](std::size_t turning) {
    told(turning == shards_.size() ? health() : blocked_loops(turning, shards_.size()));
  });
}

Health ControlPlane::health() const {
  const std::string master = options_.master_host + ":" + std::to_string(options_.master_port);
  const bool without = state_.phase == Phase::connecting || state_.phase == Phase::lost || !link_.connected();
  if (without) return {.text = "no master at " + master + " answers yet, and it goes on calling"};
  return {.text = std::string(protocol::to_string(reported(state_.phase))) + ", master " + master};
}

void ControlPlane::tell_of_crash(UserException exception, std::function<void()> told) {
  loop_.post([this, exception = std::move(exception), told = std::move(told)] {
    reports_.send_exception(exception, 1);
    reports_.send(Collecting::last, [this, told] {
      reports_.tell_cut_off();
      send_logs();
      (void)link_.send(protocol::to_master::Quit{});
      link_.close(linger);
      told();
    });
  });
}

void ControlPlane::send_message(std::string_view type, Value data) {
  protocol::CustomMessage custom{std::string(type), std::move(data)};
  protocol::check(custom);  // here, where the user's own code sees the exception
  loop_.post([this, message = std::move(custom)] {
    if (!link_.send(message)) logger.error("the message {} was not sent, because no master is connected", message.type);
  });
}
void ControlPlane::quit() {
  loop_.post([this] { handle(event::Interrupted{}); });
}
std::shared_ptr<const TestSettings> ControlPlane::settings() const {
  std::lock_guard lock(settings_mutex_);
  return settings_;
}

void ControlPlane::received(protocol::FromMaster message) {
  std::visit([this](auto& m) { take(std::move(m)); }, message);
}
void ControlPlane::take(protocol::from_master::Quit&& quit) {
  logger.info("Got quit message from master, shutting down...");
  handle(quit);
}
void ControlPlane::take(protocol::from_master::UpdateUserClass&& update) {
  ClassEdit& edit = class_edits_[update.user_class_name];
  if (const Value* host = update.data.find("host"); host && host->is_string()) edit.host = host->as_string();
  if (const Value* tasks = update.data.find("tasks"); tasks && tasks->is_array()) {
    edit.tasks.emplace();
    for (const Value& task : tasks->as_array()) {
      if (task.is_string()) edit.tasks->push_back(task.as_string());
    }
  }
  const auto count = [&](const char* what) -> std::optional<int> {
    const Value* given = update.data.find(what);
    if (!given || !given->is_int() || given->is_uint64()) return std::nullopt;
    return static_cast<int>(std::clamp<std::int64_t>(given->as_int(), 0, std::numeric_limits<int>::max()));
  };
  if (const auto weight = count("weight")) edit.weight = weight;
  if (const auto fixed_count = count("fixed_count")) edit.fixed_count = fixed_count;
  logger.info("The master changed user class {}. The change takes effect with the next test", update.user_class_name);
}
void ControlPlane::take(protocol::CustomMessage&& message) {
  if (message.type == FleetShare::factor_message) return scale_rates(message.data);
  const auto& listeners = Hooks::registered().messages;
  const auto listener = listeners.find(message.type);
  if (listener == listeners.end()) {
    logger.warning("Unknown message type received: {}", message.type);
    return;
  }
  shards_.run_hook("message",
                   [call = listener->second, m = Message{message.type, std::move(message.data)}] { call(m); });
}

void ControlPlane::scale_rates(const Value& data) {
  const auto before = fleet_.parts();
  if (!fleet_.scale(data)) {
    logger.warning("A message of type {} has no factor: {}", FleetShare::factor_message, data.dump());
  } else if (fleet_.parts() != before && !targets_.empty()) {
    send_targets(state_.stop_timeout);
  }
}

void ControlPlane::heartbeat_answered() {
  const auto& listeners = Hooks::registered().heartbeat_received;
  if (listeners.empty()) return;
  shards_.run_hook("heartbeat_received", [&listeners, id = link_.node_id(), at = std::chrono::system_clock::now()] {
    call_each("heartbeat_received", listeners, HeartbeatEvent{.client_id = id, .timestamp = at});
  });
}
void ControlPlane::acked(std::optional<std::int64_t> index) {
  acked_once_ = true;
  // A master that comes new shows what it gets now until its first test begins. Another index is surely another one's.
  const int before = worker_index_;
  if (index) worker_index_ = static_cast<int>(*index);
  if (before == worker_index_) {
    reports_.send_what_waits();
  } else {
    reports_.begin_test();
  }
  logger.debug("registered at the master with index {}", worker_index_.load());
  handle(event::Acked{});
}
void ControlPlane::master_lost(std::string_view why) {
  logger.warning("{}: all users stop now, and the worker waits for the master to come back", why);
  handle(event::MasterLost{});
}
void ControlPlane::master_silent(std::string_view why) {
  logger.error("{}", why);
  if (!acked_once_) exit_code_ = 1;
  handle(event::MasterSilent{});
}
void ControlPlane::in_doubt(std::uint64_t requests) { logger.warning("{}", reports_in_doubt(requests)); }
protocol::to_master::Heartbeat ControlPlane::heartbeat() {
  const Usage usage = process_.usage();
  return {.state = reported(state_.phase), .cpu_usage = usage.cpu_percent, .memory_bytes = usage.memory_bytes};
}

void ControlPlane::handle(const Event& event) {
  events_.push_back(event);
  if (handling_) return;  // an action that answers at once: its event comes after this one
  handling_ = true;
  while (!events_.empty()) {
    const Event next = std::move(events_.front());
    events_.pop_front();
    for (const Action& action : transition(state_, next)) std::visit([this](const auto& a) { perform(a); }, action);
    if (book_) book_->set_state(protocol::to_string(reported(state_.phase)));
  }
  handling_ = false;
}

void ControlPlane::perform(const action::Discard&) {
  logger.info("Discard spawn message with older or equal timestamp than timestamp of previous spawn message");
}
void ControlPlane::perform(const action::SendSpawning&) { link_.say(protocol::to_master::Spawning{}); }
void ControlPlane::perform(const action::StartTest& start) {
  const auto& spawn = start.spawn;
  TestSettings settings{.host = spawn.host.value_or(options_.host),
                        .parsed_options = Value(options_.parsed_options).update(spawn.parsed_options),
                        .tags = spawn.tags.empty() ? options_.tags : spawn.tags,
                        .exclude_tags = spawn.exclude_tags.empty() ? options_.exclude_tags : spawn.exclude_tags,
                        .class_edits = class_edits_};
  {
    std::lock_guard lock(settings_mutex_);
    settings_ = std::make_shared<const TestSettings>(settings);
  }
  if (start.after_loss) {
    reports_.send_what_waits();
  } else {
    shards_.forget_late();
  }
  reports_.begin_test();
  told_stopping_ = false;
  begin_data(worker_index_, expected_workers(settings.parsed_options));
  fleet_.begin_test();
  shards_.begin_test(settings, [] {});
}
void ControlPlane::perform(const action::SetTargets& set) {
  warn_of_unknown_classes(set.targets);
  targets_ = set.targets;
  fleet_.set_targets(set.targets, set.all, distribution());
  // The hooks of test_start run on the first shard, and all shards wait for them. Meanwhile the order may be out of
  // date.
  shards_.run_hook(
      "spawn", [] {},
      [this, set, order = ++last_order_] {
        if (order != last_order_) return;
        send_targets(set.stop_timeout);
      });
}
void ControlPlane::send_targets(protocol::Seconds stop_timeout) {
  shards_.set_targets({.users = targets_, .parts = fleet_.parts(), .fleet = fleet_.users()},
                      policy(stop_timeout, Haste::none), [this] { handle(event::Targets{}); });
}
void ControlPlane::perform(const action::SendSpawningComplete& complete) {
  protocol::UserClassesCount users;
  std::int64_t sum = 0;
  for (const std::string& name : known_classes_) {
    const auto target = complete.targets.find(name);
    sum += users[name] = target == complete.targets.end() ? 0 : target->second;
  }
  link_.say(protocol::to_master::SpawningComplete{users, sum});
}
void ControlPlane::perform(const action::SpawningIsComplete& complete) {
  const auto before = fleet_.parts();
  if (state_.tells_completion.value_or(true) || before.empty()) fleet_.complete(complete.user_count, distribution());
  if (fleet_.parts() != before && !targets_.empty()) send_targets(state_.stop_timeout);
  shards_.call_listeners("spawning_complete", Hooks::registered().spawning_complete, complete.user_count);
  warn_of_idle_rates();
  if (!options_.reset_stats) return;
  logger.info("Resetting stats");
  reports_.reset();
}
void ControlPlane::warn_of_idle_rates() const {
  for (const UserClass* each : classes_) {
    const auto found = fleet_.users().find(each->name);
    if (!each->arrival_rate || found == fleet_.users().end() || found->second > 0) continue;
    logger.warning("user class {} has an arrival rate and none of the users: none of its tasks begins", each->name);
  }
}
void ControlPlane::perform(const action::StopUsers& stop) {
  ++last_order_;
  targets_.clear();
  const StopPolicy how = policy(stop.stop_timeout, stop.haste);
  tell_stopping([this, how, order = last_order_] {
    if (order == last_order_) shards_.set_targets({.users = {}}, how, [this] { handle(event::UsersStopped{}); });
  });
  if (state_.phase != Phase::leaving) return;
  if (stop.haste == Haste::master) reports_.send_later({});
  leave_by(how.limit());
}
/// Calls the listeners of test_stopping, once for a test, before its users are told to stop.
void ControlPlane::tell_stopping(std::function<void()> then) {
  if (!state_.test_under_way || std::exchange(told_stopping_, true)) return then();
  shards_.call_first("test_stopping", Hooks::registered().test_stopping, std::move(then));
}
/// A task that blocks its thread can't be ended from outside: the worker leaves without it.
void ControlPlane::leave_by(std::chrono::nanoseconds limit) {
  leave_timer_->start(limit, [this] {
    logger.error("{}", blocked_users("The worker quits"));
    reports_.send(Collecting::last, [this] {
      (void)link_.send(protocol::to_master::Quit{});
      link_.close(linger);
      process_.abandon(1);
    });
  });
}
void ControlPlane::perform(const action::EndTest&) {
  shards_.end_test([this] { handle(event::TestEnded{}); });
}
void ControlPlane::perform(const action::Flush&) {
  reports_.send(Collecting::last, [this] {
    reports_.tell_cut_off();
    handle(event::Flushed{});
  });
}
void ControlPlane::perform(const action::SendClientStopped&) { link_.say(protocol::to_master::ClientStopped{}); }
void ControlPlane::perform(const action::Rest& rest) {
  rest_timer_->start(std::chrono::duration_cast<std::chrono::nanoseconds>(rest.duration),
                     [this] { handle(event::Rested{}); });
}
void ControlPlane::perform(const action::SendQuit&) { (void)link_.send(protocol::to_master::Quit{}); }
void ControlPlane::perform(const action::Exit&) {
  quitting_.end(exit_code_, [this] {
    send_logs();
    link_.close(linger);
    process_.finished(exit_code());
  });
}

void ControlPlane::warn_of_unknown_classes(const protocol::UserClassesCount& targets) {
  for (const auto& [name, count] : targets) {
    if (count == 0 || std::ranges::find(known_classes_, name) != known_classes_.end()) continue;
    if (!warned_classes_.insert(name).second) continue;
    std::string known;
    for (const auto& each : known_classes_) known += (known.empty() ? "" : ", ") + each;
    logger.error(
        "The master asks for users of class {}, but this worker has only {}. No users of that class are started "
        "here. Give the master a locustfile with the same classes: katydid --master-locustfile prints one.",
        name, known);
  }
}

void ControlPlane::log_later() {
  if (!options_.logs || options_.log_interval.count() < 0) return;
  log_timer_->start(options_.log_interval, [this] {
    send_logs();
    log_later();
  });
}
void ControlPlane::send_logs() {
  if (!options_.logs || state_.phase == Phase::connecting) return;
  if (auto lines = options_.logs->next_report()) link_.say(protocol::to_master::Logs{std::move(*lines)});
}

}  // namespace katydid
