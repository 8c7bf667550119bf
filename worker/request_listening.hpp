#pragma once

#include "base/recorder.hpp"

namespace katydid {

class RunningUser;
class Statistics;
class User;
class Value;

/// Stands before the statistics for a user where somebody listens to `request`: counts first, then calls the
/// listeners, as Locust does.
class RequestListening final : public Recorder {
 public:
  RequestListening(Statistics& statistics, RunningUser& user) : statistics_(statistics), user_(user) {}

  void record(const Sample& sample) override;
  void cut_off(std::string_view method, std::string_view name) override;

 private:
  /// What the user's context() throws is reported, and the request's own is left.
  Value context_of(const User& user, const Value* of_request);
  void throw_to_task();

  Statistics& statistics_;
  RunningUser& user_;
};

}  // namespace katydid
