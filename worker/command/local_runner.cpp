#include "worker/command/local_runner.hpp"

#include "worker/arrivals/dropped_tasks.hpp"
#include "worker/command/console.hpp"
#include "worker/command/terminal.hpp"
#include "worker/control/asio_control_loop.hpp"
#include "worker/data/share.hpp"
#include "worker/fleet_share.hpp"
#include "worker/log/log.hpp"
#include "worker/loop_lag_watch.hpp"
#include "worker/machine_watch.hpp"
#include "worker/process/health_server.hpp"
#include "worker/quitting.hpp"
#include "worker/ramp_up.hpp"
#include "worker/reports/json_report.hpp"
#include "worker/shard_group.hpp"
#include "worker/statistics/running.hpp"
#include "worker/usage_monitor.hpp"
#include "worker/user/hooks.hpp"

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace katydid {
namespace {

using std::chrono::system_clock;

constexpr log::Logger logger{"katydid.main"};
constexpr std::chrono::milliseconds patience{500};
constexpr std::chrono::milliseconds drain{1'000};

class LocalRunner final : Environment {
 public:
  LocalRunner(const LocalRunOptions& options, std::vector<const UserClass*> classes)
      : options_(options),
        classes_(std::move(classes)),
        shards_(control_, options.shards, options.shard, classes_),
        bounded_(options.shard.statistics),
        total_(system_clock::now(), options.reports.every_second() ? RunningStatistics::Seconds::all
                                                                   : RunningStatistics::Seconds::last_minute),
        reports_(options.reports, {.host = options.settings.host,
                                   .locustfile = options.locustfile,
                                   .users = options.users,
                                   .spawn_rate = options.spawn_rate,
                                   .run_time = options.run_time}),
        signals_(io_, SIGINT, SIGTERM),
        ramp_timer_(io_),
        end_timer_(io_),
        look_timer_(io_),
        quitting_(control_, shards_),
        usage_monitor_(control_, shards_, options.shards),
        step_timer_(io_) {
    check_rates();
    if (!options.find_max.requirements.empty()) search_.emplace(options.find_max, first_rate());
    if (options.metrics.wanted()) metrics_.emplace(io_.get_executor(), options.metrics);
    if (!options.plain && !options.only_summary && !options.reports.json && Terminal::is_one(STDOUT_FILENO)) {
      terminal_.emplace(STDOUT_FILENO);
      live_.emplace(reports::RunFacts{.host = options.settings.host, .run_time = options.run_time},
                    Terminal::letters());
    }
    health_.emplace(io_.get_executor(), [this](HealthCallback told) { look_after_health(std::move(told)); });
    set_environment(this);
    reports_.begin(system_clock::now());
  }
  ~LocalRunner() override { set_environment(nullptr); }

  int run() {
    wait_for_signal();
    shards_.run_hook("init", [] { call_each("init", Hooks::registered().init, environment()); });
    usage_monitor_.start();
    begin_data(worker_index(), 1);
    shards_.begin_test(options_.settings, [this] {
      logger.info("Ramping to {} users at a rate of {:.2f} per second", options_.users, options_.spawn_rate);
      const auto now = system_clock::now();
      total_.reset(now);
      set_state(protocol::State::spawning);
      reports_.begin(now);
      if (live_) live_->begin(now);
      ramp_up();
    });
    if (options_.run_time) {
      logger.info("Run time limit set to {} seconds", std::chrono::duration<double>(*options_.run_time).count());
      end_timer_.expires_after(*options_.run_time);
      end_timer_.async_wait([this](asio::error_code error) {
        if (error) return;
        logger.info("--run-time limit reached, shutting down");
        stop();
      });
    } else {
      logger.info("No run time limit set, use CTRL+C to interrupt");
    }
    look_timer_.expires_after({});
    look_later();
    io_.run();
    signals_.clear();  // from now on one ends the process at once
    if (metrics_) metrics_->finish();
    return exit_code();
  }

 private:
  std::string host() const override { return options_.settings.host; }
  Value parsed_options() const override { return options_.settings.parsed_options; }
  int worker_index() const override { return 0; }  // as of Locust's LocalRunner
  /// Without a master, Locust hands a message to the process's own listeners.
  void send_message(std::string_view type, Value data) override {
    asio::post(io_, [this, message = Message{std::string(type), std::move(data)}] {
      const auto& listeners = Hooks::registered().messages;
      const auto listener = listeners.find(message.type);
      if (listener == listeners.end()) return;
      shards_.run_hook("message", [call = listener->second, message] { call(message); });
    });
  }
  void quit() override {
    asio::post(io_, [this] { stop(); });
  }

  void look_after_health(HealthCallback told) {
    shards_.count_turning(patience_with_loops, [this, told = std::move(told)](std::size_t turning) {
      told(turning == shards_.size() ? Health{.text = "runs a test without a master"}
                                     : blocked_loops(turning, shards_.size()));
    });
  }

  void ramp_up() {
    using namespace std::chrono;
    if (stopping_) return;
    const auto step = std::max<std::int64_t>(1, static_cast<std::int64_t>(options_.spawn_rate));
    target_ = std::min(options_.users, target_ + step);
    const auto counts = distribute_users(target_, classes_);
    fleet_.set_targets(counts, options_.users,
                       [this](std::int64_t users) { return distribute_users(users, classes_); });
    set_targets(counts, [this, counts] {
      if (target_ < options_.users || stopping_) return;
      all_started_ = true;
      set_state(protocol::State::running);
      std::string text;
      for (const auto& [name, count] : counts)
        text += (text.empty() ? "\"" : ", \"") + name + "\": " + std::to_string(count);
      logger.info("All users spawned: {} ({} total users)", "{" + text + "}", target_);
      shards_.call_listeners("spawning_complete", Hooks::registered().spawning_complete, target_);
      if (options_.reset_stats) {
        logger.info("Resetting stats");
        collect(Collecting::for_now, [this] {  // for metrics and charts, which are of the whole run
          total_.reset(system_clock::now());
          reports_.reset(system_clock::now());
        });
      }
      if (search_) begin_step();
    });
    if (target_ == options_.users) return;
    ramp_timer_.expires_after(
        duration_cast<nanoseconds>(duration<double>(static_cast<double>(step) / options_.spawn_rate)));
    ramp_timer_.async_wait([this](asio::error_code error) {
      if (!error) ramp_up();
    });
  }

  void set_targets(const UserCounts& counts, std::function<void()> reached) {
    if (search_) fleet_.scale(search_->factor());
    shards_.set_targets({.users = counts, .parts = fleet_.parts(), .fleet = fleet_.users()}, {}, std::move(reached));
  }

  /// That each rate has users, and each goal about one a rate. Throws std::runtime_error.
  void check_rates() const {
    const auto users = distribute_users(options_.users, classes_);
    const auto has_rate = [this](std::string_view name) {
      return std::ranges::any_of(classes_, [&](auto* each) { return each->arrival_rate && each->name == name; });
    };
    for (const UserClass* each : classes_) {
      const bool is_wanted = each->arrival_rate && (each->weight > 0 || each->fixed_count > 0);
      if (!is_wanted || users.at(each->name) > 0) continue;
      throw std::runtime_error("user class " + each->name + " has an arrival rate and none of the " +
                               std::to_string(options_.users) + " users (-u): none of its tasks would begin");
    }
    const auto check = [&](const Threshold& goal, const char* option) {
      const auto name = goal.dropped_class();
      if (name.empty() || has_rate(name)) return;
      throw std::runtime_error(std::string(option) + " dropped(" + std::string(name) +
                               "): no user class of this test has that name and an arrival rate");
    };
    for (const Threshold& limit : options_.fail_if) check(limit, "--fail-if");
    for (const Threshold& needed : options_.find_max.requirements) check(needed, "--find-max");
  }

  /// Of all classes together. Throws std::runtime_error.
  double first_rate() const {
    double rate = 0;
    for (const UserClass* each : classes_) {
      if (!each->arrival_rate) continue;
      if (!each->arrival_rate->is_constant()) {
        throw std::runtime_error("--find-max changes the rate by itself: give user class " + each->name +
                                 " a constant one, with which the search begins");
      }
      rate += each->arrival_rate->at(0);
    }
    if (!(rate > 0)) {
      throw std::runtime_error("--find-max needs a user class with an arrival rate, with which the search begins: " +
                               std::string("--arrival-rate ") + classes_.front()->name + "=10");
    }
    return rate;
  }

  void begin_step() {
    set_targets(distribute_users(options_.users, classes_), [] {});
    after(search_->settling(), [this] {
      collect(Collecting::for_now, [this] {
        search_->begin_measuring(system_clock::now());
        after(search_->measuring(), [this] { collect(Collecting::for_now, [this] { end_step(); }); });
      });
    });
  }

  void end_step() {
    if (stopping_) return;
    logger.info("--find-max: {}", search_->end_step());
    if (search_->done()) return stop();
    begin_step();
  }

  void after(std::chrono::nanoseconds time, std::function<void()> call) {
    step_timer_.expires_after(time);
    step_timer_.async_wait([this, call = std::move(call)](asio::error_code error) {
      if (!error && !stopping_) call();
    });
  }

  void stop() {
    if (std::exchange(stopping_, true)) return;
    stopped_at_ = system_clock::now();
    step_timer_.cancel();
    set_state(protocol::State::stopped);
    if (terminal_) terminal_->leave();
    ramp_timer_.cancel();
    end_timer_.cancel();
    look_timer_.cancel();
    leave_by(stop_policy().limit());
    shards_.call_first("test_stopping", Hooks::registered().test_stopping, [this] { stop_users(); });
  }

  StopPolicy stop_policy() const { return {.task = options_.stop_timeout, .drain = drain}; }

  void stop_users() {
    shards_.set_targets({.users = {}}, stop_policy(), [this] {
      leave_timer_.cancel();
      shards_.end_test([this] {
        collect(Collecting::last, [this] {
          write_last_reports();
          quitting_.end(exit_code(), [this] {
            end_printing();
            io_.stop();
          });
        });
      });
    });
  }

  /// A task that blocks its thread can't be ended from outside.
  void leave_by(std::chrono::nanoseconds limit) {
    leave_timer_.expires_after(limit);
    leave_timer_.async_wait([this](asio::error_code error) {
      if (error) return;
      given_up_ = true;
      logger.error("{}", blocked_users("The test ends"));
      collect(Collecting::last, [this] {
        write_last_reports();
        end_printing();
        std::fflush(nullptr);
        ::_exit(exit_code());
      });
    });
  }

  void collect(Collecting kind, std::function<void()> done) {
    shards_.collect(kind, patience, [this, done = std::move(done)](ShardReport report) {
      if (const auto warning = lag_watch_.look(report, LoopLagWatch::clock::now())) warn(*warning);
      for (const auto& warning : machine_watch_.look(report.has_users(), MachineWatch::clock::now())) warn(warning);
      for (auto& delta : report.statistics) {
        cut_off_.add(delta);
        dropped_.add(delta);
        if (metrics_) metrics_->book.add(delta);
        bounded_.merge(std::move(delta));
      }
      const StatisticsDelta delta = bounded_.take();
      total_.add(delta);
      total_.lasts_until(stopped_at_.value_or(system_clock::now()));
      if (search_) search_->add(delta);
      reports_.add(delta);
      if (live_) live_->add(delta);
      reports_.add_dropped(dropped_.total() - std::exchange(seen_dropped_, dropped_.total()));
      while (const auto warning = bounded_.take_warning()) warn(*warning);
      if (const auto warning = dropped_.take_warning()) warn(*warning);
      exceptions_ += report.exceptions.size();
      for (const auto& [exception, count] : report.exceptions) take_exception(exception, count);
      lag_.merge(report.lag);
      if (metrics_) metrics_->book.add(report.lag);
      if (metrics_) metrics_->book.set_users(report.users);
      moment_ = {.now = system_clock::now(), .lag = {report.lag.percentile(0.99), report.lag.max()}};
      for (const auto& [name, users] : report.users) moment_.users += users;
      if (!stopping_) abort_if_failed();
      if (options_.ends_with_users && all_started_ && moment_.users == 0) stop();
      done();
    });
  }

  void take_exception(const UserException& exception, std::uint64_t count) {
    reports_.add_exception(exception.message, exception.traceback, count);
    if (metrics_) metrics_->book.add_exceptions(count);
  }
  void set_state(protocol::State state) {
    if (metrics_) metrics_->book.set_state(protocol::to_string(state));
  }

  void abort_if_failed() {
    for (const Threshold& threshold : options_.fail_if) {
      const auto broken = threshold.aborts() ? threshold.broken_by(total_, false) : std::nullopt;
      if (!broken) continue;
      logger.error("--fail-if {}, so the test stops", *broken);
      stop();
      return;
    }
  }

  void look_later() {
    constexpr std::chrono::milliseconds csv_interval{1'000};  // CSV_STATS_INTERVAL_SEC
    const auto interval = options_.reports.watch() || metrics_ || live_
                              ? std::min(csv_interval, options_.print_interval)
                              : options_.print_interval;
    look_timer_.expires_at(std::max(look_timer_.expiry() + interval, asio::steady_timer::clock_type::now()));
    look_timer_.async_wait([this, interval](asio::error_code error) {
      if (error) return;
      unprinted_ += interval;
      collect(Collecting::for_now, [this] { look(); });
      look_later();
    });
  }

  void look() {
    reports_.look(total_, moment_);
    if (live_ && !stopping_) {
      live_->look(total_, moment_.now, moment_.users);
      return terminal_->draw(live_->lines(total_, terminal_->size()));
    }
    if (unprinted_ < options_.print_interval) return;
    unprinted_ = {};
    if (!options_.only_summary && !stopping_) print(stats_table(total_, RatesOver::last_ten_seconds, format()));
  }

  void warn(const std::string& text) {
    logger.warning("{}", text);
    reports_.warn(system_clock::now(), text);
  }

  void write_last_reports() {
    if (cut_off_.total() > 0) warn(cut_off_.to_text());
    if (const auto text = dropped_.to_text(); !text.empty()) warn(text);
    std::vector<reports::Verdict> verdicts;
    verdicts.reserve(options_.fail_if.size());
    for (const Threshold& threshold : options_.fail_if) {
      verdicts.push_back({threshold.outcome(total_), threshold.broken_by(total_, true).has_value()});
    }
    reports_.finish(total_, moment_, verdicts);
  }

  void end_printing() {
    if (options_.report_loop_lag) logger.info("katydid loop lag of the whole run: {}", to_text(lag_));
    for (const Threshold& threshold : options_.fail_if) {
      if (const auto broken = threshold.broken_by(total_, true)) logger.error("--fail-if {}", *broken);
    }
    if (search_) logger.info("--find-max: {}", search_->finding());
    logger.info("Shutting down (exit code {})", exit_code());
    print(final_summary(total_, format()));
    if (options_.reports.json) std::puts(reports::json_report(total_).c_str());
  }

  /// Where stdout is for JSON, it is for nothing else.
  std::FILE* tables() const { return options_.reports.json ? stderr : stdout; }
  ConsoleFormat format() const {
    return {.name_width = terminal_name_width(::fileno(tables())), .rounding = options_.shard.statistics.rounding};
  }
  void print(const std::string& text) const {
    std::fwrite(text.data(), 1, text.size(), tables());
    std::fflush(tables());
  }

  int exit_code() const {
    const auto& limits = options_.fail_if;
    const bool broken =
        std::ranges::any_of(limits, [&](const auto& each) { return each.broken_by(total_, true).has_value(); });
    const bool by_errors = limits.empty() && !search_;  // a search goes to where requests fail
    const bool found = !search_ || search_->found();
    const bool went_well = (by_errors ? total_.errors().empty() : !broken) && found && exceptions_ == 0 &&
                           reports_.complete() && !given_up_;
    return process_exit_code().value_or(went_well ? 0 : options_.exit_code_on_error);
  }

  void wait_for_signal() {
    signals_.async_wait([this](asio::error_code error, int signal) {
      if (error) return;
      if (stopping_ || std::exchange(interrupted_, true)) {
        if (terminal_) terminal_->leave();
        ::_exit(128 + signal);
      }
      logger.info("Got {}, shutting down", signal == SIGINT ? "SIGINT" : "SIGTERM");
      quitting_.begin([this] { stop(); });
      wait_for_signal();
    });
  }

  LocalRunOptions options_;
  std::vector<const UserClass*> classes_;
  asio::io_context io_{1};
  AsioControlLoop control_{io_.get_executor()};
  ShardGroup shards_;
  Statistics bounded_;  // the bounds on names and errors hold for all shards together
  RunningStatistics total_;
  Reports reports_;
  Reports::Moment moment_;
  std::chrono::milliseconds unprinted_{};
  CutOffCounts cut_off_;
  DroppedTasks dropped_;
  std::uint64_t seen_dropped_ = 0;  // by the reports
  LoopLag lag_;
  LoopLagWatch lag_watch_;
  MachineWatch machine_watch_;
  std::size_t exceptions_ = 0;
  std::int64_t target_ = 0;
  FleetShare fleet_;
  std::optional<WallTime> stopped_at_;
  bool all_started_ = false, stopping_ = false, interrupted_ = false, given_up_ = false;
  asio::signal_set signals_;
  asio::steady_timer ramp_timer_, end_timer_, look_timer_, leave_timer_{io_};
  Quitting quitting_;
  UsageMonitor usage_monitor_;
  std::optional<Metrics> metrics_;
  std::optional<HealthServer> health_;
  std::optional<FindMax> search_;
  asio::steady_timer step_timer_;
  std::optional<Terminal> terminal_;
  std::optional<reports::LiveView> live_;
};

}  // namespace

int run_locally(const LocalRunOptions& options, std::vector<const UserClass*> classes) {
  return LocalRunner(options, std::move(classes)).run();
}

}  // namespace katydid
