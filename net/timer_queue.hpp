#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace katydid {

/// A point in time that somebody waits for. Its owner keeps it in place while it is armed and disarms it before it
/// goes.
struct Timer {
  using Fire = void (*)(Timer&);
  explicit Timer(Fire f) : fire(f) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  Fire fire;
  static constexpr std::uint32_t idle = ~std::uint32_t{0};
  std::uint32_t position = idle;
  bool armed() const { return position != idle; }
};

/// Timers by the hundred thousand: a heap of four children a node, the deadline beside the pointer so that a comparison
/// touches one cache line.
class TimerQueue {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Arms, or moves a timer that is armed.
  void arm(Timer& timer, time_point when);
  void disarm(Timer& timer);
  /// Fires what is due; a timer that a callback arms for the past fires in the next call.
  std::size_t fire_due(time_point now);
  /// time_point::max() when nothing is armed.
  time_point next() const { return heap_.empty() ? time_point::max() : heap_.front().when; }
  std::size_t size() const { return heap_.size(); }

 private:
  struct Entry {
    time_point when;
    Timer* timer;
  };
  void place(std::uint32_t position, Entry entry);
  void sift_up(std::uint32_t position, Entry entry);
  void sift_down(std::uint32_t position, Entry entry);

  std::vector<Entry> heap_;
  std::vector<Timer*> due_;
};

}  // namespace katydid
