#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>

namespace katydid {

/// When a file was written, in nanoseconds since the epoch of its clock, whose own number may have 128 bits (libc++).
inline std::string time_written(const std::filesystem::path& file, std::error_code& error) {
  const std::chrono::nanoseconds since = std::filesystem::last_write_time(file, error).time_since_epoch();
  return std::to_string(since.count());
}

}  // namespace katydid
