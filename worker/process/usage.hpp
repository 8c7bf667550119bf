#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace katydid {

/// What heartbeats say of this process.
class ProcessUsage {
 public:
  /// `cores`: how many the process can keep busy, its shards.
  explicit ProcessUsage(std::size_t cores);

  /// CPU time since the last call in percent of those cores. Locust's workers mean one core, so the master's warning
  /// above 90 % comes when this worker is saturated, however many cores it has.
  double cpu_percent();
  /// Resident memory in bytes; 0 where the system does not tell.
  static std::int64_t memory_bytes();

 private:
  std::size_t cores_;
  std::chrono::steady_clock::time_point last_wall_;
  std::chrono::nanoseconds last_cpu_;
};

/// What the calling thread has had since its start.
struct ThreadUsage {
  std::chrono::nanoseconds cpu{};
  std::chrono::nanoseconds waited{};  ///< for a processor, ready to run; 0 where the system does not tell

  static ThreadUsage now();
};

}  // namespace katydid
