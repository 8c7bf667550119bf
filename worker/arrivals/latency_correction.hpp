#pragma once

#include "base/recorder.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace katydid {

/// `--latency-correction`: stands before the statistics of a user that waits for the server, and answers what its users
/// would have seen who did not wait. As long as a request is under way its user asks for nothing else, so the requests
/// that a slow server should have had are missing, and with them the waits that they would have had (coordinated
/// omission). For a request that takes longer than the user's interval, each request that it kept from being sent is
/// added with the time that would have been left, as HdrHistogram's recordValueWithExpectedInterval and Goose do.
///
/// What comes of it are entries apart, with " [corrected]" behind their names. What was sent is counted as ever.
class LatencyCorrection final : public Recorder {
 public:
  using clock = std::chrono::steady_clock;

  using Now = clock::time_point (*)();

  /// `next` gets what is counted, `corrected` the entries apart.
  LatencyCorrection(Recorder& next, Recorder& corrected, Now now = &clock::now)
      : next_(next), corrected_(corrected), now_(now) {}

  /// One of the user's own tasks, or of a task set's.
  void task_begins();

  void record(const Sample& sample) override;
  void cut_off(std::string_view method, std::string_view name) override { next_.cut_off(method, name); }

  /// From the start of a request to that of the next one where nothing holds the user up: the median of the times
  /// between its tasks, by the number of requests of a task. Zero as long as too little is known.
  std::chrono::nanoseconds interval() const { return interval_; }

 private:
  void correct(const Sample& sample);

  static constexpr std::size_t kept = 15, enough = 3;

  Recorder& next_;
  Recorder& corrected_;
  Now now_;
  std::array<clock::duration, kept> between_tasks_{};  // the last ones
  std::uint64_t tasks_ = 0, requests_ = 0;
  clock::time_point last_task_{}, last_end_{};
  std::chrono::nanoseconds interval_{};
  std::string name_;
};

}  // namespace katydid
