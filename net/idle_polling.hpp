#pragma once

#include <chrono>
#include <utility>

namespace katydid {

/// The time for which a loop that polls in place of sleeping had nothing to do. To the system it is CPU time like any
/// other; to a tester it is what the loop has left.
class IdlePolling {
 public:
  /// On the loop's thread.
  void add(std::chrono::nanoseconds time);
  /// That of this loop since the last call.
  std::chrono::nanoseconds take() { return std::exchange(taken_next_, {}); }

  /// That of all loops of the process so far, known to a millisecond each. From any thread.
  static std::chrono::nanoseconds of_process();

 private:
  std::chrono::nanoseconds taken_next_{}, published_next_{};
};

}  // namespace katydid
