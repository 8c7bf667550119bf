#include "worker/reports/recent_times.hpp"

namespace katydid::reports {

void RecentTimes::add(const StatisticsDelta& delta) {
  Histogram total;
  for (const StatisticsDelta::Entry& entry : delta.entries) {
    Piece& piece = times_[{entry.key->name, entry.key->method}].emplace_back(Piece{delta.taken, {}});
    piece.times.merge(entry.counts.response_times);
    if (!entry.key->apart) total.merge(entry.counts.response_times);
  }
  times_[total_key].emplace_back(Piece{delta.taken, std::move(total)});
  for (auto& [key, pieces] : times_) {
    while (!pieces.empty() && pieces.front().taken <= delta.taken - window) pieces.pop_front();
  }
}

Histogram RecentTimes::of(const Key& key) const {
  Histogram sum;
  if (const auto found = times_.find(key); found != times_.end()) {
    for (const Piece& piece : found->second) sum.merge(piece.times);
  }
  return sum;
}

}  // namespace katydid::reports
