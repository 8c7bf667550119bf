#include "worker/control/report_sender.hpp"

#include "worker/log/log.hpp"
#include "worker/statistics/report.hpp"
#include "worker/user/hooks.hpp"
#include "worker/worker.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace katydid {
namespace {

using worker_state::Phase;
constexpr log::Logger logger{"katydid.worker"};

constexpr std::chrono::milliseconds interval_while_leaving{100};
constexpr std::chrono::milliseconds patience{500};
constexpr std::uint64_t exceptions_per_report = 20;
constexpr std::size_t most_additions = 100;
constexpr int most_held = 3;

}  // namespace

ReportSender::ReportSender(ControlLoop& loop, const WorkerOptions& options, const worker_state::State& state,
                           ShardGroup& shards, MasterLink& link, metrics::Book* book)
    : options_(options),
      loop_(loop),
      state_(state),
      shards_(shards),
      link_(link),
      book_(book),
      timer_(loop.make_timer()),
      unsent_(options.shard.statistics) {}

void ReportSender::send_later(std::chrono::milliseconds delay) {
  timer_->start(delay, [this] {
    send(Collecting::for_now, [] {});
    send_later(state_.phase == Phase::leaving ? interval_while_leaving : options_.report_interval);
  });
}

void ReportSender::begin_test() {
  unsent_.reset();
  cut_off_ = {};
  dropped_ = {};
}

/// Takes over what the shards have, into unsent_ and users_.
void ReportSender::collect(Collecting kind, std::function<void()> done) {
  shards_.collect(kind, patience, [this, done = std::move(done)](ShardReport report) {
    if (const auto warning = lag_watch_.look(report, loop_.now())) logger.warning("{}", *warning);
    if (options_.watch_machine) {
      for (const auto& warning : machine_watch_.look(report.has_users(), loop_.now())) logger.warning("{}", warning);
    }
    for (auto& delta : report.statistics) {
      cut_off_.add(delta);
      dropped_.add(delta);
      if (book_) book_->add(delta);
      delta.cut_off.clear();
      unsent_.merge(std::move(delta));
    }
    while (const auto warning = unsent_.take_warning()) logger.warning("{}", *warning);
    if (const auto warning = dropped_.take_warning()) logger.warning("{}", *warning);
    lag_.merge(report.lag);
    if (book_) keep_in_book(report);
    users_ = std::move(report.users);
    for (Value& added : report.additions) take_addition(std::move(added));
    if (report.asked_for_additions) reports_held_ = 0;
    asked_for_additions_ = report.asked_for_additions;
    for (const auto& [exception, count] : report.exceptions) send_exception(exception, count);
    tasks_cut_short_ += report.tasks_cut_short;
    done();
  });
}

void ReportSender::keep_in_book(const ShardReport& report) {
  book_->add(report.lag);
  book_->set_users(report.users);
  for (const auto& [exception, count] : report.exceptions) book_->add_exceptions(count);
}

void ReportSender::send(Collecting kind, std::function<void()> sent) {
  collect(kind, [this, kind, sent = std::move(sent)] {
    if (!holds(kind) && may_report(kind)) send_now();
    sent();
  });
}

/// The last one goes to whoever is there, as there is none after it.
bool ReportSender::may_report(Collecting kind) const {
  if (!link_.connected() || state_.phase == Phase::connecting) return false;
  return kind == Collecting::last || link_.answering();
}

void ReportSender::send_what_waits() {
  if (!unsent_.empty() && link_.answering()) send_now();
}

void ReportSender::send_now() {
  StatisticsDelta delta = unsent_.take();
  auto message = make_report(delta, users_);
  const LoopLag lag = std::exchange(lag_, {});
  if (options_.report_loop_lag && lag.count() > 0 && (message.user_count > 0 || !delta.entries.empty()))
    message.stats.push_back(loop_lag_entry(lag, delta.taken));
  if (!additions_.empty()) message.additions = additions_.front();
  const bool sent_it = link_.send_report(message);
  if (book_) book_->report(sent_it);
  if (sent_it) return send_more_additions();
  logger.warning("the queue to the master is full. The numbers of this report will be sent with the next one");
  unsent_.merge(std::move(delta));
  lag_.merge(lag);
}

/// Whether to wait for the next report, as the listeners of report_to_master have not answered: the master's
/// listeners expect in each report what these add. Not for long, as their shard may be blocked.
bool ReportSender::holds(Collecting kind) {
  const bool listened = !Hooks::registered().report_to_master.empty();
  return listened && kind == Collecting::for_now && !asked_for_additions_ && ++reports_held_ <= most_held;
}

void ReportSender::take_addition(Value added) {
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
void ReportSender::send_more_additions() {
  if (!additions_.empty()) additions_.pop_front();
  while (!additions_.empty()) {
    StatisticsDelta nothing;
    nothing.taken = std::chrono::system_clock::now();
    auto message = make_report(nothing, users_);
    message.additions = additions_.front();
    if (!link_.send_report(message)) return;
    additions_.pop_front();
  }
}

void ReportSender::send_exception(const UserException& exception, std::uint64_t count) {
  for (std::uint64_t i = 0; i < std::min(count, exceptions_per_report); ++i) {
    link_.say(protocol::to_master::Exception{exception.message, exception.traceback});
  }
  if (count > exceptions_per_report) {
    logger.warning("{} more exceptions of the same kind since the last report: {}", count - exceptions_per_report,
                   exception.message);
  }
}

void ReportSender::tell_cut_off() {
  if (cut_off_.total() > 0) logger.warning("{}", cut_off_.to_text());
  cut_off_ = {};
  if (const auto text = dropped_.to_text(); !text.empty()) logger.warning("{}", text);
  dropped_ = {};
  if (const auto tasks = std::exchange(tasks_cut_short_, 0); tasks > 0) {
    logger.info("Not all users finished their tasks & terminated in {} seconds: {} tasks were ended",
                state_.stop_timeout.count(), tasks);
  }
}

}  // namespace katydid
