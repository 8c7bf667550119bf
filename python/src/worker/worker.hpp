#pragma once

#include "python/src/engine/engine.hpp"
#include "python/src/engine/statistics.hpp"
#include "python/src/worker/hosted_shard.hpp"
#include "worker/command/options.hpp"
#include "worker/log/recorder.hpp"

#include <nanobind/nanobind.h>

#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace katydid::python {

/// `Worker`: the control plane of a worker (or of a test without a master) on a thread of its own, which never takes
/// the GIL, and Python's users as its one shard.
class WorkerObject final : public UserHost {
 public:
  WorkerObject(nb::object options, nb::object engine, nb::object statistics, nb::object host);
  ~WorkerObject() override;

  /// Runs until the test is over; then, from poll(), the host's `finished(exit_code)` is called.
  void start();

  void reached() { shard_->tell_reached(); }
  void set_users(const std::string& user_class, std::int64_t count) { shard_->users[user_class] = count; }
  void report_exception(std::string message, std::string traceback) {
    shard_->counts.report_exception({.message = std::move(message), .traceback = std::move(traceback)});
  }
  void hooks_finished() { shard_->tell_hooks_finished(); }
  void task_cut_short() { shard_->counts.task_cut_short(); }

 private:
  void begin_test(const TestSettings& settings) override;
  void set_targets(const UserTargets& targets, const StopPolicy& policy) override;
  void finish_hooks() override;
  void join();

  nb::object options_object_, engine_object_, statistics_object_, host_;
  EngineObject& engine_;
  std::shared_ptr<SharedShard> shard_;
  std::thread thread_;
};

void bind_worker(nb::module_& m);

}  // namespace katydid::python
