#include "worker/worker.hpp"

#include "worker/arrivals/dropped_tasks.hpp"
#include "worker/data/share.hpp"
#include "worker/fleet_share.hpp"
#include "worker/log/log.hpp"
#include "worker/loop_lag_watch.hpp"
#include "worker/process/crash_watch.hpp"
#include "worker/process/usage.hpp"
#include "worker/quitting.hpp"
#include "worker/shard_group.hpp"
#include "worker/statistics/report.hpp"
#include "worker/statistics/running.hpp"
#include "worker/usage_monitor.hpp"
#include "worker/user/hooks.hpp"
#include "worker/worker_state.hpp"

#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <deque>
#include <future>
#include <limits>
#include <mutex>
#include <set>

namespace katydid {
namespace {

using namespace worker_state;
constexpr log::Logger logger{"katydid.worker"};

// The master waits 500 ms after `quit` for the last report: requests get the first part of it, ZeroMQ the rest.
constexpr std::chrono::milliseconds drain_at_quit{300};
constexpr std::chrono::milliseconds drain_otherwise{1'000};
constexpr std::chrono::milliseconds report_while_leaving{100};
constexpr std::chrono::milliseconds patience{500};
constexpr std::chrono::milliseconds linger{2'000};
constexpr std::chrono::seconds grace_for_blocked_shards{3};
constexpr std::uint64_t exceptions_per_report = 20;
constexpr std::size_t most_additions = 100;
constexpr int most_held = 3;

class Worker final : MasterLink::Listener, Environment {
 public:
  Worker(const WorkerOptions& options, const std::vector<const UserClass*>& classes)
      : options_(options),
        classes_(classes),
        shards_(io_.get_executor(), options.shards, options.shard, classes),
        usage_(options.shards),
        unsent_(options.shard.statistics),
        signals_(io_, SIGINT, SIGTERM),
        report_timer_(io_),
        log_timer_(io_),
        rest_timer_(io_),
        leave_timer_(io_),
        quitting_(io_.get_executor(), shards_),
        usage_monitor_(io_.get_executor(), shards_, options.shards),
        link_(io_.get_executor(),
              {.host = options.master_host, .port = options.master_port, .node_id = protocol::Dealer::make_node_id()},
              options.timing, *this) {
    for (const UserClass* user_class : classes_) known_classes_.push_back(user_class->name);
    settings_ = std::make_shared<const TestSettings>(
        TestSettings{.host = options.host, .parsed_options = options.parsed_options});
    if (options.metrics) metrics_.emplace(io_.get_executor(), *options.metrics);
    set_environment(this);
  }
  ~Worker() override { set_environment(nullptr); }

  int run() {
    std::optional<CrashWatch> crash_watch;
    if (options_.watch_crashes) crash_watch.emplace([this](const Crash& crash) { tell_of(crash); });
    wait_for_signal();
    report_later(options_.report_interval);
    log_later();
    shards_.run_hook("init", [] { call_each("init", Hooks::registered().init, environment()); });
    usage_monitor_.start();
    link_.announce();
    io_.run();
    return process_exit_code().value_or(exit_code_);
  }

 private:
  // --- Environment, from any thread ---
  std::string host() const override { return settings()->host; }
  Value parsed_options() const override { return settings()->parsed_options; }
  int worker_index() const override { return worker_index_; }
  std::string client_id() const override { return link_.node_id(); }
  void send_message(std::string_view type, Value data) override {
    protocol::CustomMessage custom{std::string(type), std::move(data)};
    protocol::check(custom);  // here, where the user's own code sees the exception
    asio::post(io_, [this, message = std::move(custom)] {
      if (!link_.send(message))
        logger.error("the message {} was not sent, because no master is connected", message.type);
    });
  }
  void quit() override {
    asio::post(io_, [this] { handle(event::Interrupted{}); });
  }
  std::shared_ptr<const TestSettings> settings() const {
    std::lock_guard lock(settings_mutex_);
    return settings_;
  }

  // --- MasterLink::Listener ---
  void received(protocol::FromMaster message) override {
    std::visit([this](auto& m) { take(std::move(m)); }, message);
  }
  void take(protocol::from_master::Spawn&& spawn) { handle(std::move(spawn)); }
  void take(protocol::from_master::SpawningComplete&& complete) { handle(complete); }
  void take(protocol::from_master::Stop&& stop) { handle(stop); }
  void take(protocol::from_master::Quit&& quit) {
    logger.info("Got quit message from master, shutting down...");
    handle(quit);
  }
  void take(protocol::from_master::UpdateUserClass&& update) {
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
  void take(protocol::CustomMessage&& message) {
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
  void scale_rates(const Value& data) {
    const auto before = fleet_.parts();
    if (!fleet_.scale(data)) {
      logger.warning("A message of type {} has no factor: {}", FleetShare::factor_message, data.dump());
    } else if (fleet_.parts() != before && !targets_.empty()) {
      send_targets(state_.stop_timeout);
    }
  }
  template <class Other>
  void take(Other&&) {}  // handled by the link

  void heartbeat_answered() override {
    const auto& listeners = Hooks::registered().heartbeat_received;
    if (listeners.empty()) return;
    shards_.run_hook("heartbeat_received", [&listeners, id = link_.node_id(), at = std::chrono::system_clock::now()] {
      call_each("heartbeat_received", listeners, HeartbeatEvent{.client_id = id, .timestamp = at});
    });
  }
  void acked(std::optional<std::int64_t> index) override {
    acked_once_ = true;
    if (index) worker_index_ = static_cast<int>(*index);
    logger.debug("registered at the master with index {}", worker_index_.load());
    handle(event::Acked{});
  }
  void master_lost(std::string_view why) override {
    logger.warning("{}: all users stop now, and the worker waits for the master to come back", why);
    handle(event::MasterLost{});
  }
  void master_silent(std::string_view why) override {
    logger.error("{}", why);
    if (!acked_once_) exit_code_ = 1;
    handle(event::MasterSilent{});
  }
  protocol::to_master::Heartbeat heartbeat() override {
    return {.state = reported(state_.phase),
            .cpu_usage = usage_.cpu_percent(),
            .memory_bytes = ProcessUsage::memory_bytes()};
  }

  // --- the state machine ---
  void handle(const Event& event) {
    events_.push_back(event);
    if (handling_) return;  // an action that answers at once: its event comes after this one
    handling_ = true;
    while (!events_.empty()) {
      const Event next = std::move(events_.front());
      events_.pop_front();
      for (const Action& action : transition(state_, next)) std::visit([this](const auto& a) { perform(a); }, action);
      if (metrics_) metrics_->book.set_state(protocol::to_string(reported(state_.phase)));
    }
    handling_ = false;
  }

  void perform(const action::Discard&) {
    logger.info("Discard spawn message with older or equal timestamp than timestamp of previous spawn message");
  }
  void perform(const action::SendSpawning&) { say(protocol::to_master::Spawning{}); }
  void perform(const action::StartTest& start) {
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
    unsent_.reset();
    cut_off_ = {};
    dropped_ = {};
    told_stopping_ = false;
    begin_data(worker_index_, expected_workers(settings.parsed_options));
    fleet_.begin_test();
    shards_.begin_test(settings, [] {});
  }
  void perform(const action::SetTargets& set) {
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
  void send_targets(protocol::Seconds stop_timeout) {
    shards_.set_targets({.users = targets_, .parts = fleet_.parts(), .fleet = fleet_.users()},
                        policy(stop_timeout, Haste::none), [this] { handle(event::Targets{}); });
  }
  FleetShare::Distribution distribution() const { return distribution_of(classes_, targets_, class_edits_); }
  void perform(const action::SendSpawningComplete& complete) {
    protocol::UserClassesCount users;
    std::int64_t sum = 0;
    for (const std::string& name : known_classes_) {
      const auto target = complete.targets.find(name);
      sum += users[name] = target == complete.targets.end() ? 0 : target->second;
    }
    say(protocol::to_master::SpawningComplete{users, sum});
  }
  void perform(const action::SpawningIsComplete& complete) {
    const auto before = fleet_.parts();
    if (state_.tells_completion.value_or(true) || before.empty()) fleet_.complete(complete.user_count, distribution());
    if (fleet_.parts() != before && !targets_.empty()) send_targets(state_.stop_timeout);
    shards_.call_listeners("spawning_complete", Hooks::registered().spawning_complete, complete.user_count);
    if (!options_.reset_stats) return;
    logger.info("Resetting stats");
    shards_.reset_statistics();
    unsent_.reset();
  }
  void perform(const action::StopUsers& stop) {
    ++last_order_;
    targets_.clear();
    const StopPolicy how = policy(stop.stop_timeout, stop.haste);
    tell_stopping([this, how, order = last_order_] {
      if (order == last_order_) shards_.set_targets({.users = {}}, how, [this] { handle(event::UsersStopped{}); });
    });
    if (state_.phase != Phase::leaving) return;
    if (stop.haste == Haste::master) report_later({});
    leave_by(how.task + how.drain + how.on_stop + grace_for_blocked_shards);
  }
  /// Calls the listeners of test_stopping, once for a test, before its users are told to stop.
  void tell_stopping(std::function<void()> then) {
    if (!state_.test_under_way || std::exchange(told_stopping_, true)) return then();
    shards_.call_first("test_stopping", Hooks::registered().test_stopping, std::move(then));
  }
  /// A task that blocks its thread can't be ended from outside: the worker leaves without it.
  void leave_by(std::chrono::nanoseconds limit) {
    leave_timer_.expires_after(limit);
    leave_timer_.async_wait([this](asio::error_code error) {
      if (error) return;
      logger.error(
          "users did not stop in time, because a task blocks its thread. The worker quits without them, and their last "
          "requests are not counted. Tasks must wait with co_await, not with calls that block");
      send_report(Collecting::last, [this] {
        say(protocol::to_master::Quit{});
        link_.close(linger);
        ::_exit(1);
      });
    });
  }
  void perform(const action::EndTest&) {
    shards_.end_test([this] { handle(event::TestEnded{}); });
  }
  void perform(const action::Flush&) {
    send_report(Collecting::last, [this] {
      tell_cut_off();
      handle(event::Flushed{});
    });
  }
  void perform(const action::SendClientStopped&) { say(protocol::to_master::ClientStopped{}); }
  void perform(const action::Rest& rest) {
    rest_timer_.expires_after(std::chrono::duration_cast<std::chrono::nanoseconds>(rest.duration));
    rest_timer_.async_wait([this](asio::error_code error) {
      if (!error) handle(event::Rested{});
    });
  }
  void perform(const action::Announce&) { link_.announce(); }
  void perform(const action::SendQuit&) { say(protocol::to_master::Quit{}); }
  void perform(const action::Exit&) {
    quitting_.end(exit_code_, [this] {
      send_logs();
      link_.close(linger);
      io_.stop();
    });
  }

  static StopPolicy policy(protocol::Seconds stop_timeout, Haste haste) {
    return {.task = std::chrono::duration_cast<std::chrono::nanoseconds>(stop_timeout),
            .drain = haste == Haste::master ? drain_at_quit : drain_otherwise};
  }

  void warn_of_unknown_classes(const protocol::UserClassesCount& targets) {
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

  /// For what need not be kept: a master that is not there to hear it will have lost this worker when it comes back.
  void say(const protocol::ToMaster& message) {
    if (!link_.send(message)) logger.debug("a message was not sent, because no master is connected");
  }

  // --- reports ---
  void report_later(std::chrono::milliseconds delay) {
    report_timer_.expires_after(delay);
    report_timer_.async_wait([this](asio::error_code error) {
      if (error) return;
      send_report(Collecting::for_now, [] {});
      report_later(state_.phase == Phase::leaving ? report_while_leaving : options_.report_interval);
    });
  }

  /// Takes over what the shards have, into unsent_ and users_.
  void collect(Collecting kind, std::function<void()> done) {
    shards_.collect(kind, patience, [this, done = std::move(done)](ShardReport report) {
      if (const auto warning = lag_watch_.look(report, LoopLagWatch::clock::now())) logger.warning("{}", *warning);
      for (auto& delta : report.statistics) {
        cut_off_.add(delta);
        dropped_.add(delta);
        if (metrics_) metrics_->book.add(delta);
        delta.cut_off.clear();
        unsent_.merge(std::move(delta));
      }
      while (const auto warning = unsent_.take_warning()) logger.warning("{}", *warning);
      if (const auto warning = dropped_.take_warning()) logger.warning("{}", *warning);
      lag_.merge(report.lag);
      if (metrics_) keep_in_book(report);
      users_ = std::move(report.users);
      for (Value& added : report.additions) take_addition(std::move(added));
      if (report.asked_for_additions) reports_held_ = 0;
      asked_for_additions_ = report.asked_for_additions;
      for (const auto& [exception, count] : report.exceptions) send_exception(exception, count);
      tasks_cut_short_ += report.tasks_cut_short;
      done();
    });
  }

  void keep_in_book(const ShardReport& report) {
    metrics_->book.add(report.lag);
    metrics_->book.set_users(report.users);
    for (const auto& [exception, count] : report.exceptions) metrics_->book.add_exceptions(count);
  }

  void send_report(Collecting kind, std::function<void()> sent) {
    collect(kind, [this, kind, sent = std::move(sent)] {
      if (holds(kind)) return sent();
      if (link_.connected() && state_.phase != Phase::connecting) {
        StatisticsDelta delta = unsent_.take();
        auto message = make_report(delta, users_);
        const LoopLag lag = std::exchange(lag_, {});
        if (options_.report_loop_lag && lag.count() > 0 && (message.user_count > 0 || !delta.entries.empty()))
          message.stats.push_back(loop_lag_entry(lag, delta.taken));
        if (!additions_.empty()) message.additions = additions_.front();
        const bool sent_it = link_.send(std::move(message));
        if (metrics_) metrics_->book.report(sent_it);
        if (!sent_it) {
          logger.warning("the queue to the master is full. The numbers of this report will be sent with the next one");
          unsent_.merge(std::move(delta));
          lag_.merge(lag);
        } else {
          send_more_additions();
        }
      }
      sent();
    });
  }

  /// Whether to wait for the next report, as the listeners of report_to_master have not answered: the master's
  /// listeners expect in each report what these add. Not for long, as their shard may be blocked.
  bool holds(Collecting kind) {
    const bool listened = !Hooks::registered().report_to_master.empty();
    return listened && kind == Collecting::for_now && !asked_for_additions_ && ++reports_held_ <= most_held;
  }

  void take_addition(Value added) {
    if (added.empty()) return;
    try {
      protocol::check_additions(added);
    } catch (const std::invalid_argument& error) {
      logger.error("{}. Nothing of what the listeners added is sent", error.what());
      return;
    }
    if (additions_.size() == most_additions) {
      logger.warning("what listeners of report_to_master have added is lost: too many reports wait for the master");
      additions_.pop_front();
    }
    additions_.push_back(std::move(added));
  }

  /// Those of reports that could not be sent in their time, each with a report of its own. The first one is gone.
  void send_more_additions() {
    if (!additions_.empty()) additions_.pop_front();
    while (!additions_.empty()) {
      StatisticsDelta nothing;
      nothing.taken = std::chrono::system_clock::now();
      auto message = make_report(nothing, users_);
      message.additions = additions_.front();
      if (!link_.send(std::move(message))) return;
      additions_.pop_front();
    }
  }

  void send_exception(const UserException& exception, std::uint64_t count) {
    for (std::uint64_t i = 0; i < std::min(count, exceptions_per_report); ++i) {
      say(protocol::to_master::Exception{exception.message, exception.traceback});
    }
    if (count > exceptions_per_report) {
      logger.warning("{} more exceptions of the same kind since the last report: {}", count - exceptions_per_report,
                     exception.message);
    }
  }

  /// While a thread stands in its crash, and from no thread of this worker.
  void tell_of(const Crash& crash) {
    const std::string message = "this worker crashed: " + crash.what;
    logger.critical("{}. What its users did since the last report is not counted\n{}", message, crash.trace);
    const auto told = std::make_shared<std::promise<void>>();
    asio::post(io_, [this, told, exception = UserException{message, crash.trace}] {
      send_exception(exception, 1);
      send_report(Collecting::last, [this, told] {
        tell_cut_off();
        send_logs();
        say(protocol::to_master::Quit{});
        link_.close(linger);
        told->set_value();
      });
    });
    told->get_future().wait_for(CrashWatch::patience);
  }

  void tell_cut_off() {
    if (cut_off_.total() > 0) logger.warning("{}", cut_off_.to_text());
    cut_off_ = {};
    if (const auto text = dropped_.to_text(); !text.empty()) logger.warning("{}", text);
    dropped_ = {};
    if (const auto tasks = std::exchange(tasks_cut_short_, 0); tasks > 0) {
      logger.info("Not all users finished their tasks & terminated in {} seconds: {} tasks were ended",
                  state_.stop_timeout.count(), tasks);
    }
  }

  // --- logs and signals ---
  void log_later() {
    if (!options_.logs || options_.log_interval.count() < 0) return;
    log_timer_.expires_after(options_.log_interval);
    log_timer_.async_wait([this](asio::error_code error) {
      if (error) return;
      send_logs();
      log_later();
    });
  }
  void send_logs() {
    if (!options_.logs || state_.phase == Phase::connecting) return;
    if (auto lines = options_.logs->next_report()) say(protocol::to_master::Logs{std::move(*lines)});
  }

  void wait_for_signal() {
    signals_.async_wait([this](asio::error_code error, int signal) {
      if (error) return;
      if (interrupted_) {
        logger.warning("Got a second signal: ending at once. What was counted since the last report is lost");
        ::_exit(128 + signal);
      }
      interrupted_ = true;
      logger.info("Got {}: stopping users, then sending the last statistics", signal == SIGINT ? "SIGINT" : "SIGTERM");
      quitting_.begin([this] { handle(event::Interrupted{}); });
      wait_for_signal();
    });
  }

  WorkerOptions options_;
  std::vector<const UserClass*> classes_;
  asio::io_context io_{1};
  State state_;
  mutable std::mutex settings_mutex_;  // guards settings_, which users read from their shards
  std::shared_ptr<const TestSettings> settings_;
  std::atomic<int> worker_index_ = -1;
  std::vector<std::string> known_classes_;
  std::set<std::string> warned_classes_;
  std::map<std::string, ClassEdit> class_edits_;
  UserCounts targets_;  // of the last spawn message
  FleetShare fleet_;
  ShardGroup shards_;
  ProcessUsage usage_;
  Statistics unsent_;
  CutOffCounts cut_off_;
  DroppedTasks dropped_;
  LoopLag lag_;  // that no report has told yet
  LoopLagWatch lag_watch_;
  UserCounts users_;
  std::uint64_t tasks_cut_short_ = 0;
  std::deque<Value> additions_;  // to the reports to come
  bool asked_for_additions_ = false;
  int reports_held_ = 0;
  bool told_stopping_ = false;
  std::deque<Event> events_;
  bool handling_ = false;
  std::uint64_t last_order_ = 0;
  bool interrupted_ = false;
  bool acked_once_ = false;
  int exit_code_ = 0;
  asio::signal_set signals_;
  asio::steady_timer report_timer_, log_timer_, rest_timer_, leave_timer_;
  Quitting quitting_;
  UsageMonitor usage_monitor_;
  std::optional<Metrics> metrics_;
  MasterLink link_;
};

}  // namespace

int run_worker(const WorkerOptions& options, const std::vector<const UserClass*>& classes) {
  return Worker(options, classes).run();
}

}  // namespace katydid
