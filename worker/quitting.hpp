#pragma once

#include "worker/control/control_loop.hpp"

#include <functional>
#include <memory>

namespace katydid {

class ShardGroup;

/// Calls the listeners of `quitting` and `quit`, once each, when a process ends. A shard that is blocked is waited for
/// for three seconds.
class Quitting {
 public:
  Quitting(ControlLoop& control, ShardGroup& shards) : shards_(shards), timer_(control.make_timer()) {}

  /// Those of quitting, the last one first. As in Locust, that is before users stop when a signal ends the process, and
  /// after it in all other cases.
  void begin(std::function<void()> then);
  /// Those of quit, and before them those of quitting, if begin() was never called.
  void end(int exit_code, std::function<void()> then);

 private:
  void call(const std::function<void()>& listeners, std::function<void()> then);

  ShardGroup& shards_;
  std::unique_ptr<ControlLoop::Timer> timer_;
  bool begun_ = false;
};

}  // namespace katydid
