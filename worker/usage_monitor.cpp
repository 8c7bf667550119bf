#include "worker/usage_monitor.hpp"

#include "worker/shard_group.hpp"
#include "worker/user/environment.hpp"

#include <chrono>

namespace katydid {
namespace {

constexpr std::chrono::seconds interval{10};  // Locust's CPU_MONITOR_INTERVAL
constexpr double warning_threshold = 90;      // and CPU_WARNING_THRESHOLD

}  // namespace

UsageMonitor::UsageMonitor(ControlLoop& control, ShardGroup& shards, std::size_t cores)
    : shards_(shards), usage_(cores), timer_(control.make_timer()) {}

void UsageMonitor::start() {
  const Hooks& hooks = Hooks::registered();
  if (!hooks.usage_monitor.empty() || !hooks.cpu_warning.empty()) look_later();
}

void UsageMonitor::look_later() {
  timer_->start(interval, [this] {
    look();
    look_later();
  });
}

void UsageMonitor::look() {
  const double cpu = usage_.cpu_percent();
  const std::int64_t memory = ProcessUsage::memory_bytes();
  shards_.run_hook("usage_monitor", [cpu, memory] {
    const Hooks& hooks = Hooks::registered();
    const UsageEvent event{.environment = environment(), .cpu_usage = cpu, .memory_usage = memory};
    if (cpu > warning_threshold) call_each("cpu_warning", hooks.cpu_warning, event);
    call_each("usage_monitor", hooks.usage_monitor, event);
  });
}

}  // namespace katydid
