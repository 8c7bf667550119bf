#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace katydid {

/// Reports that were sent over the present connection, until it is certain that the master has them. Locust has no
/// receipt for a report. But a master takes messages in their order and answers each heartbeat, so an answer to a
/// heartbeat tells of all reports before that.
class ReportsUnderWay {
 public:
  void sent_report(std::uint64_t requests);
  void sent_heartbeat() { ++beats_; }
  void heartbeat_answered();
  /// client_ready and its ack tell as much as a heartbeat, and of heartbeats that a master left unanswered because it
  /// didn't know the worker when they came.
  void sent_ready();
  void acked();

  /// How many requests are in reports that the master may not have.
  std::uint64_t requests() const;
  /// The connection is gone. Returns requests(), of which nobody will ever know, and begins anew.
  std::uint64_t broke();
  /// What broke() says, when the dealer has lost a connection since the last call; `losses` is its count.
  std::optional<std::uint64_t> look_for_loss(std::uint64_t losses);

 private:
  struct Report {
    std::uint64_t beats_before;
    std::uint64_t requests;
  };
  void forget_arrived();

  std::deque<Report> reports_;
  std::uint64_t beats_ = 0, answers_ = 0;
  std::optional<std::uint64_t> beats_before_ready_;
  std::uint64_t losses_ = 0;
};

/// Whether a master still answers that was heard so long ago, and is to answer each heartbeat.
inline bool still_answers(std::chrono::nanoseconds silence, std::chrono::nanoseconds heartbeat) {
  return silence <= heartbeat * 5 / 2;
}

/// What a log says of requests that broke() returned.
std::string reports_in_doubt(std::uint64_t requests);

}  // namespace katydid
