#pragma once

#include <chrono>
#include <cstdint>

namespace katydid {

/// What the machine has done since its start, and what of it this process has in use. 0 where the system does not tell.
struct MachineFigures {
  std::uint64_t processor_time = 0;  ///< of all processors, in the kernel's ticks
  std::uint64_t stolen_time = 0;     ///< of it, what the hypervisor gave to other machines
  std::uint64_t segments_sent = 0;   ///< by TCP, in this network namespace, for the first time
  std::uint64_t segments_sent_again = 0;
  std::uint64_t descriptors = 0;       ///< in use by this process, or some less
  std::uint64_t descriptor_limit = 0;  ///< ulimit -n
  std::uint64_t sockets = 0;           ///< of TCP in this network namespace, also those in TIME_WAIT
  std::uint64_t ports = 0;             ///< that connections from one address to one target can have
  std::chrono::nanoseconds clock_resolution{};
  std::chrono::nanoseconds clock_cost{};  ///< of a reading

  static MachineFigures now();
};

}  // namespace katydid
