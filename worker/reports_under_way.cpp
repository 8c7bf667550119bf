#include "worker/reports_under_way.hpp"

#include <algorithm>
#include <utility>

namespace katydid {

void ReportsUnderWay::sent_report(std::uint64_t requests) {
  if (requests == 0) return;
  if (!reports_.empty() && reports_.back().beats_before == beats_) {
    reports_.back().requests += requests;
  } else {
    reports_.push_back({beats_, requests});
  }
}

void ReportsUnderWay::heartbeat_answered() {
  if (answers_ < beats_) ++answers_;
  forget_arrived();
}

void ReportsUnderWay::sent_ready() {
  if (!beats_before_ready_) beats_before_ready_ = beats_;
}

void ReportsUnderWay::acked() {
  if (const auto beats = std::exchange(beats_before_ready_, std::nullopt)) answers_ = std::max(answers_, *beats);
  forget_arrived();
}

void ReportsUnderWay::forget_arrived() {
  while (!reports_.empty() && reports_.front().beats_before < answers_) reports_.pop_front();
}

std::uint64_t ReportsUnderWay::requests() const {
  std::uint64_t sum = 0;
  for (const Report& report : reports_) sum += report.requests;
  return sum;
}

std::uint64_t ReportsUnderWay::broke() {
  const auto sum = requests();
  reports_.clear();
  beats_ = answers_ = 0;
  beats_before_ready_.reset();
  return sum;
}

std::optional<std::uint64_t> ReportsUnderWay::look_for_loss(std::uint64_t losses) {
  if (std::exchange(losses_, losses) == losses) return std::nullopt;
  return broke();
}

std::string reports_in_doubt(std::uint64_t requests) {
  return "When the connection to the master broke, reports of " + std::to_string(requests) +
         (requests == 1 ? " request" : " requests") +
         " were on their way: the master may have them or not. They are not sent again, so that nothing is counted "
         "twice";
}

}  // namespace katydid
