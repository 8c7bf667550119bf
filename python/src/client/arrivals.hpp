#pragma once

#include "python/src/engine/engine.hpp"
#include "python/src/engine/statistics.hpp"
#include "worker/arrivals/arrivals.hpp"
#include "worker/arrivals/intended_start.hpp"

#include <nanobind/nanobind.h>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

namespace katydid::python {

/// `Arrivals`: those of one user class in an engine.
class ArrivalsObject {
 public:
  ArrivalsObject(nb::object engine, nb::object statistics, std::string user_class, const ArrivalRate& rate,
                 std::uint64_t seed)
      : engine_object_(std::move(engine)),
        statistics_object_(std::move(statistics)),
        engine_(nb::cast<EngineObject&>(engine_object_)),
        statistics_(nb::cast<StatisticsObject&>(statistics_object_)),
        arrivals_(engine_.loop(), rate, statistics_.counts(), std::move(user_class), seed) {}

  EngineObject& engine() { return engine_; }
  Statistics& counts() { return statistics_.counts(); }
  Arrivals& arrivals() { return arrivals_; }

 private:
  nb::object engine_object_, statistics_object_;
  EngineObject& engine_;
  StatisticsObject& statistics_;
  Arrivals arrivals_;
};

/// `PoolUser`: a user whose tasks begin when they are due; clients record by it in place of the statistics.
class PoolUserObject : Arrivals::Idle {
 public:
  PoolUserObject(nb::object arrivals, bool report_service_time)
      : Idle(&PoolUserObject::arrive),
        arrivals_object_(std::move(arrivals)),
        arrivals_(nb::cast<ArrivalsObject&>(arrivals_object_)),
        intended_start_(arrivals_.counts(), arrivals_.counts(), report_service_time) {
    any_ = true;
  }
  ~PoolUserObject() { arrivals_.arrivals().leave(*this); }

  /// Its on_start is done.
  void is_ready() {
    arrivals_.arrivals().user_is_ready();
    arrivals_.engine().went_on();
  }
  /// `callback` is called once, when a task is due.
  void wait(nb::object callback);
  void stop_waiting();
  /// That task begins now.
  void task_begins() { intended_start_.task_begins(Loop::clock::now() - due_); }
  /// How late its first request is, once; for a user of gevent's, whose requests are not recorded here.
  static std::chrono::nanoseconds take_late(nb::handle user);
  Recorder& recorder() { return intended_start_; }

 private:
  static void arrive(Idle& idle, Loop::clock::time_point due);

  static inline std::atomic<bool> any_ = false;

  nb::object arrivals_object_, callback_;
  ArrivalsObject& arrivals_;
  IntendedStart intended_start_;
  Loop::clock::time_point due_{};
};

void bind_arrivals(nb::module_& m);

}  // namespace katydid::python
