#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// Where a thread is: addresses, and what they are in the source.
class StackTrace {
 public:
  enum class Frames {
    of_users,  ///< those that have a line and are neither Katydid's nor the system's
    all        ///< the others by what is known of them
  };

  /// What lies below these is not of users. Before there are threads that ask.
  static void set_own_folders(const std::vector<std::filesystem::path>& folders);
  /// Whether there are traces: libbacktrace was there when this was built.
  static bool is_supported() noexcept;
  /// Of the calling thread, without the `skip` innermost callers. May be called in a signal's handler.
  static StackTrace here(int skip = 0) noexcept;

  bool empty() const { return size_ == 0; }
  /// The first call of a process reads what the compilers wrote of lines: a few milliseconds, 0.1 s where the system's
  /// libraries have it, too. Thread-safe.
  /// As Python writes it, the innermost frame last: `  File "/path/x.cpp", line 12, in Shopper::browse`, a line each.
  std::string text(Frames which) const;

 private:
  std::array<std::uintptr_t, 32> frames_{};  // the innermost first
  std::size_t size_ = 0;
};

/// "Shopper::browse" of "katydid::task<void> Shopper::browse<int>(Shopper::browse()::Frame*) [clone .actor]".
std::string short_function_name(std::string_view demangled);

}  // namespace katydid
