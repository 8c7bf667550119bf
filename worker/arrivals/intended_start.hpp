#pragma once

#include "base/recorder.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace katydid {

/// Stands before the statistics of a user with an arrival rate: counts the first request of a task from the moment at
/// which the task was due. A generator that was late, because its machine was busy, then does not make a server look
/// faster than its visitors would have found it.
class IntendedStart final : public Recorder {
 public:
  /// `next` gets what is counted. With `report_service_time` it also gets each request as it was from the send on, as
  /// an entry apart with " [service]" behind its name.
  IntendedStart(Recorder& next, Recorder& service, bool report_service_time)
      : next_(next), service_(report_service_time ? &service : nullptr) {}

  /// A task begins, so much later than it was due.
  void task_begins(std::chrono::nanoseconds late) { late_ = late; }
  /// How late its first request is, once: for whoever adds it by itself.
  std::chrono::nanoseconds take_late() { return std::exchange(late_, {}); }

  void record(const Sample& sample) override;
  void cut_off(std::string_view method, std::string_view name) override { next_.cut_off(method, name); }

 private:
  Recorder& next_;
  Recorder* service_;
  std::chrono::nanoseconds late_{};
  std::string name_;
};

}  // namespace katydid
