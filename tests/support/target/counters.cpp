#include "tests/support/target/counters.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace katydid::target {
namespace {

constexpr std::size_t longest_key = 512;
constexpr std::string_view other = "other";

nlohmann::ordered_json to_json(const RequestCounts& counts) {
  return {{"started", counts.started},
          {"completed", counts.completed},
          {"aborted", counts.aborted},
          {"failed", counts.failed}};
}

}  // namespace

RequestCounts& RequestCounts::operator+=(const RequestCounts& more) {
  started += more.started;
  completed += more.completed;
  aborted += more.aborted;
  failed += more.failed;
  return *this;
}

RequestCounts Counts::path(std::string_view method_and_path) const {
  const auto found = by_path.find(method_and_path);
  return found == by_path.end() ? RequestCounts{} : found->second;
}

std::string Counts::json() const {
  auto json = to_json(*this);
  json["rejected"] = rejected;
  json["connections"] = connections;
  json["connections_closed"] = connections_closed;
  auto& paths = json["by_path"] = nlohmann::ordered_json::object();
  for (const auto& [path, counts] : by_path) paths[path] = to_json(counts);
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

CounterShard::Ticket CounterShard::start(std::string_view method_and_path) {
  const std::lock_guard lock(mutex_);
  auto found = paths_.find(method_and_path);
  if (found == paths_.end()) {
    const bool fits = paths_.size() < max_paths_ && method_and_path.size() <= longest_key;
    found = paths_.try_emplace(std::string(fits ? method_and_path : other)).first;
  }
  ++counts_.started;
  ++found->second.started;
  return {&found->second, generation_};
}

void CounterShard::abort(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  if (ticket.generation != generation_) return;
  ++counts_.aborted;
  ++ticket.entry->aborted;
}

void CounterShard::reject() {
  const std::lock_guard lock(mutex_);
  ++counts_.rejected;
}

std::uint64_t CounterShard::open_connection() {
  const std::lock_guard lock(mutex_);
  ++counts_.connections;
  return generation_;
}

void CounterShard::close_connection(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (generation == generation_) ++counts_.connections_closed;
}

void CounterShard::forget_connection(std::uint64_t generation) {
  const std::lock_guard lock(mutex_);
  if (generation == generation_) --counts_.connections;
}

Counts Counters::total() const {
  std::vector<std::unique_lock<std::mutex>> locks;
  for (const auto& shard : shards_) locks.emplace_back(shard.mutex_);
  Counts total;
  for (const auto& shard : shards_) {
    static_cast<RequestCounts&>(total) += shard.counts_;
    total.rejected += shard.counts_.rejected;
    total.connections += shard.counts_.connections;
    total.connections_closed += shard.counts_.connections_closed;
    for (const auto& [path, counts] : shard.paths_) total.by_path[path] += counts;
  }
  return total;
}

void Counters::reset() {
  std::vector<std::unique_lock<std::mutex>> locks;
  for (auto& shard : shards_) locks.emplace_back(shard.mutex_);
  for (auto& shard : shards_) {
    ++shard.generation_;
    shard.counts_ = {};
    shard.paths_.clear();
  }
}

}  // namespace katydid::target
