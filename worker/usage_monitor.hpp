#pragma once

#include "worker/process/usage.hpp"

#include <asio/any_io_executor.hpp>
#include <asio/steady_timer.hpp>

#include <cstddef>

namespace katydid {

class ShardGroup;

/// Calls the listeners of usage_monitor and cpu_warning, every five seconds, as Locust's monitor_cpu_and_memory does.
class UsageMonitor {
 public:
  UsageMonitor(const asio::any_io_executor& control, ShardGroup& shards, std::size_t cores);
  /// Does nothing where nobody listens.
  void start();

 private:
  void look_later();
  void look();

  ShardGroup& shards_;
  ProcessUsage usage_;
  asio::steady_timer timer_;
};

}  // namespace katydid
