#pragma once

#include "worker/control/control_loop.hpp"
#include "worker/control/master_wire.hpp"
#include "worker/control/report_sender.hpp"
#include "worker/fleet_share.hpp"
#include "worker/master_link.hpp"
#include "worker/metrics/book.hpp"
#include "worker/process/health.hpp"
#include "worker/quitting.hpp"
#include "worker/shard_group.hpp"
#include "worker/usage_monitor.hpp"
#include "worker/user/environment.hpp"
#include "worker/worker.hpp"
#include "worker/worker_state.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace katydid {

/// What a worker does, on the loop that it is given: carries out what worker_state decides, and reports. It knows no
/// socket, no signal and no clock; run_worker() gives it those of a process, tests/simulated gives it others.
class ControlPlane final : MasterLink::Listener, Environment {
 public:
  struct Usage {
    double cpu_percent = 0;
    std::int64_t memory_bytes = 0;
  };

  /// What it needs of the process around it.
  class Process {
   public:
    /// For a heartbeat.
    virtual Usage usage() = 0;
    /// The worker has said its last word, and its users are gone. It may not be destroyed in this call.
    virtual void finished(int exit_code) = 0;
    /// The worker has said its last word, but users block their threads, which nobody can wait for.
    virtual void abandon(int exit_code) = 0;

   protected:
    ~Process() = default;
  };

  /// `master`: who is at the other end of the wire. `loop`, `classes` and `process` must outlive it, and `book`, which
  /// may be null.
  ControlPlane(const WorkerOptions& options, const std::vector<const UserClass*>& classes, ControlLoop& loop,
               std::unique_ptr<MasterWire> wire, const protocol::DealerOptions& master, Process& process,
               metrics::Book* book);
  ~ControlPlane() override;

  void start();
  /// A signal asks the worker to leave.
  void interrupt();
  /// Last words of a process that crashes: `told` is called when they have left. From any thread.
  void tell_of_crash(UserException exception, std::function<void()> told);
  /// For `katydid --health`: whether its loops turn, and how it stands with the master. A worker without a master is
  /// well.
  void look_after_health(HealthCallback told);
  worker_state::Phase phase() const { return state_.phase; }

 private:
  // --- Environment, from any thread ---
  std::string host() const override { return settings()->host; }
  Value parsed_options() const override { return settings()->parsed_options; }
  int worker_index() const override { return worker_index_; }
  std::string client_id() const override { return link_.node_id(); }
  void send_message(std::string_view type, Value data) override;
  void quit() override;
  std::shared_ptr<const TestSettings> settings() const;

  // --- MasterLink::Listener ---
  void received(protocol::FromMaster message) override;
  void take(protocol::from_master::Spawn&& spawn) { handle(std::move(spawn)); }
  void take(protocol::from_master::SpawningComplete&& complete) { handle(complete); }
  void take(protocol::from_master::Stop&& stop) { handle(stop); }
  void take(protocol::from_master::Quit&& quit);
  void take(protocol::from_master::UpdateUserClass&& update);
  void take(protocol::CustomMessage&& message);
  void scale_rates(const Value& data);
  template <class Other>
  void take(Other&&) {}  // handled by the link
  void heartbeat_answered() override;
  void acked(std::optional<std::int64_t> index) override;
  void disconnected() override { handle(worker_state::event::Disconnected{}); }
  void master_lost(std::string_view why) override;
  void master_silent(std::string_view why) override;
  void in_doubt(std::uint64_t requests) override;
  protocol::to_master::Heartbeat heartbeat() override;

  // --- the state machine ---
  void handle(const worker_state::Event& event);
  void perform(const worker_state::action::Discard&);
  void perform(const worker_state::action::SendSpawning&);
  void perform(const worker_state::action::StartTest& start);
  void perform(const worker_state::action::SetTargets& set);
  void perform(const worker_state::action::SendSpawningComplete& complete);
  void perform(const worker_state::action::SpawningIsComplete& complete);
  void perform(const worker_state::action::StopUsers& stop);
  void perform(const worker_state::action::EndTest&);
  void perform(const worker_state::action::Flush&);
  void perform(const worker_state::action::SendClientStopped&);
  void perform(const worker_state::action::Rest& rest);
  void perform(const worker_state::action::Announce&) { link_.announce(); }
  void perform(const worker_state::action::SendQuit&);
  void perform(const worker_state::action::Exit&);

  Health health() const;
  void send_targets(protocol::Seconds stop_timeout);
  void warn_of_idle_rates() const;
  FleetShare::Distribution distribution() const { return distribution_of(classes_, targets_, class_edits_); }
  void tell_stopping(std::function<void()> then);
  void leave_by(std::chrono::nanoseconds limit);
  void warn_of_unknown_classes(const protocol::UserClassesCount& targets);
  void log_later();
  void send_logs();
  int exit_code() const { return process_exit_code().value_or(exit_code_); }

  WorkerOptions options_;
  std::vector<const UserClass*> classes_;
  ControlLoop& loop_;
  Process& process_;
  metrics::Book* book_;
  worker_state::State state_;
  mutable std::mutex settings_mutex_;  // guards settings_, which users read from their shards
  std::shared_ptr<const TestSettings> settings_;
  std::atomic<int> worker_index_ = -1;
  std::vector<std::string> known_classes_;
  std::set<std::string> warned_classes_;
  std::map<std::string, ClassEdit> class_edits_;
  UserCounts targets_;  // of the last spawn message
  FleetShare fleet_;
  ShardGroup shards_;
  bool told_stopping_ = false;
  std::deque<worker_state::Event> events_;
  bool handling_ = false;
  std::uint64_t last_order_ = 0;
  bool acked_once_ = false;
  int exit_code_ = 0;
  std::unique_ptr<ControlLoop::Timer> log_timer_, rest_timer_, leave_timer_;
  Quitting quitting_;
  UsageMonitor usage_monitor_;
  MasterLink link_;
  ReportSender reports_;
};

}  // namespace katydid
