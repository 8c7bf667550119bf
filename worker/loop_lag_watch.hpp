#pragma once

#include "protocol/message.hpp"
#include "worker/shard.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace katydid {

/// Tells when the loops are so far behind that response times say more of the generator than of the target.
///
/// A user without a wait time sends its next request when the loop gets to it, so that a saturated generator does not
/// fall behind a schedule: its own queue becomes a part of every response time, and nothing else shows it.
class LoopLagWatch {
 public:
  using clock = std::chrono::steady_clock;

  /// The warning for what was collected since the last one, where it is due. There are two cases: the lag's 99th
  /// percentile is a millisecond at least, and a tenth of the mean response time; or the loops are busy all the time
  /// and the mean lag is a tenth of the mean response time, however short both are. At most every half minute, unless
  /// the lag has doubled.
  std::optional<std::string> look(const ShardReport& report, clock::time_point now);

 private:
  /// What a percentile needs more of than one report may have.
  struct Window {
    LoopLag lag;
    std::chrono::nanoseconds wall{}, cpu{}, waited{};
    std::chrono::duration<double, std::nano> response_time{};  // of what users record themselves, it may be any number
    std::uint64_t timed = 0;
  };
  void add(const ShardReport& report);

  Window window_;
  clock::time_point quiet_until_{};
  LoopLag::Duration last_{};
};

/// "p50 0.05 ms, p99 0.31 ms, max 1.20 ms".
std::string to_text(const LoopLag& lag);

/// `--report-loop-lag`: the lag as an entry of the statistics, named "katydid loop lag". It is in no total.
protocol::StatsEntry loop_lag_entry(const LoopLag& lag, WallTime now);

}  // namespace katydid
