#include "worker/worker.hpp"

#include "worker/control/asio_control_loop.hpp"
#include "worker/control/control_plane.hpp"
#include "worker/control/dealer_wire.hpp"
#include "worker/log/log.hpp"
#include "worker/process/crash_watch.hpp"
#include "worker/process/health_server.hpp"
#include "worker/process/usage.hpp"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <unistd.h>

#include <csignal>
#include <future>
#include <memory>
#include <optional>
#include <string>

namespace katydid {
namespace {

constexpr log::Logger logger{"katydid.worker"};

/// A control plane in a process of its own: on Asio, with a socket, signals, and what the system knows of the process.
class Worker final : public ControlPlane::Process {
 public:
  Worker(const WorkerOptions& options, const std::vector<const UserClass*>& classes)
      : options_(options), usage_(options.shards), signals_(io_, SIGINT, SIGTERM) {
    if (options.metrics.wanted()) metrics_.emplace(io_.get_executor(), options.metrics);
    const protocol::DealerOptions master{
        .host = options.master_host, .port = options.master_port, .node_id = protocol::Dealer::make_node_id()};
    plane_.emplace(options, classes, loop_, std::make_unique<DealerWire>(io_.get_executor(), master), master, *this,
                   metrics_ ? &metrics_->book : nullptr);
    health_.emplace(io_.get_executor(), [this](HealthCallback told) { plane_->look_after_health(std::move(told)); });
  }

  int run() {
    std::optional<CrashWatch> crash_watch;
    if (options_.watch_crashes) crash_watch.emplace([this](const Crash& crash) { tell_of(crash); });
    wait_for_signal();
    plane_->start();
    io_.run();
    if (metrics_) end_metrics();
    return exit_code_;
  }

 private:
  ControlPlane::Usage usage() override {
    return {.cpu_percent = usage_.cpu_percent(), .memory_bytes = ProcessUsage::memory_bytes()};
  }
  void finished(int exit_code) override {
    exit_code_ = exit_code;
    io_.stop();
  }
  void abandon(int exit_code) override { ::_exit(exit_code); }

  /// While a thread stands in its crash, and from no thread of this worker.
  void tell_of(const Crash& crash) {
    const std::string message = "this worker crashed: " + crash.what;
    logger.critical("{}. What its users did since the last report is not counted\n{}", message, crash.trace);
    const auto told = std::make_shared<std::promise<void>>();
    plane_->tell_of_crash({message, crash.trace}, [told] { told->set_value(); });
    told->get_future().wait_for(CrashWatch::patience);
  }

  /// The master has all that it gets: only a second signal does not wait for this.
  void end_metrics() {
    signals_.clear();
    metrics_->finish();
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
      plane_->interrupt();
      wait_for_signal();
    });
  }

  const WorkerOptions& options_;
  asio::io_context io_{1};
  AsioControlLoop loop_{io_.get_executor()};
  ProcessUsage usage_;
  asio::signal_set signals_;
  std::optional<Metrics> metrics_;
  std::optional<ControlPlane> plane_;
  std::optional<HealthServer> health_;
  bool interrupted_ = false;
  int exit_code_ = 0;
};

}  // namespace

int run_worker(const WorkerOptions& options, const std::vector<const UserClass*>& classes) {
  return Worker(options, classes).run();
}

}  // namespace katydid
