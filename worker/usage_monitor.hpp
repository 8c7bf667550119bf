#pragma once

#include "worker/control/control_loop.hpp"
#include "worker/process/usage.hpp"

#include <cstddef>
#include <memory>

namespace katydid {

class ShardGroup;

/// Calls the listeners of usage_monitor and cpu_warning, every five seconds, as Locust's monitor_cpu_and_memory does.
class UsageMonitor {
 public:
  UsageMonitor(ControlLoop& control, ShardGroup& shards, std::size_t cores);
  /// Does nothing where nobody listens.
  void start();

 private:
  void look_later();
  void look();

  ShardGroup& shards_;
  ProcessUsage usage_;
  std::unique_ptr<ControlLoop::Timer> timer_;
};

}  // namespace katydid
