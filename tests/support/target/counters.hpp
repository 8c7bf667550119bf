#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace katydid::target {

/// Requests of one method and path. `started - completed - aborted` are in flight.
struct RequestCounts {
  std::uint64_t started = 0;    ///< the request's head was read to its end
  std::uint64_t completed = 0;  ///< the kernel took the last byte of the answer
  std::uint64_t aborted = 0;    ///< ended otherwise: the client went away, or the path cuts its answer off on purpose
  std::uint64_t failed = 0;     ///< of the completed, those with status 400 or above

  std::uint64_t in_flight() const { return started - completed - aborted; }
  RequestCounts& operator+=(const RequestCounts& other);
};

/// What a target has served, in total (the inherited members) and by "METHOD /path".
struct Counts : RequestCounts {
  std::uint64_t rejected = 0;            ///< heads that were no valid request; not among the started
  std::uint64_t connections = 0;         ///< accepted
  std::uint64_t connections_closed = 0;  ///< of those, no longer open
  std::map<std::string, RequestCounts, std::less<>> by_path;

  /// The counts of "GET /hello", zeros when there was none.
  RequestCounts path(std::string_view method_and_path) const;
  /// One line.
  std::string json() const;
};

/// What one loop has served. Its mutex is contended only while somebody asks for the counts.
class CounterShard {
 public:
  /// A started request. A reset forgets the requests in flight: their end is then counted nowhere.
  struct Ticket {
    RequestCounts* entry = nullptr;
    std::uint64_t generation = 0;
  };

  explicit CounterShard(std::size_t max_paths) : max_paths_(max_paths) {}

  Ticket start(std::string_view method_and_path);

  /// Runs `handover`, which gives the kernel the rest of the answer and says whether it took all of it, and counts the
  /// request in the same breath: a client that has read its answer finds it counted.
  template <class Handover>
  bool complete(const Ticket& ticket, int status, Handover&& handover) {
    const std::lock_guard lock(mutex_);
    if (!handover()) return false;
    if (ticket.generation != generation_) return true;
    for (auto* counts : {static_cast<RequestCounts*>(&counts_), ticket.entry}) {
      ++counts->completed;
      if (status >= 400) ++counts->failed;
    }
    return true;
  }

  void abort(const Ticket& ticket);
  void reject();

  /// Returns the generation that the connection belongs to, for the two below.
  std::uint64_t open_connection();
  void close_connection(std::uint64_t generation);
  /// Takes back open_connection().
  void forget_connection(std::uint64_t generation);

 private:
  friend class Counters;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  mutable std::mutex mutex_;
  std::size_t max_paths_;
  std::uint64_t generation_ = 1;
  Counts counts_;  // its by_path stays empty: paths are counted below
  std::unordered_map<std::string, RequestCounts, Hash, std::equal_to<>> paths_;
};

/// All shards of a target.
class Counters {
 public:
  CounterShard& add_shard(std::size_t max_paths) { return shards_.emplace_back(max_paths); }
  /// One moment's counts: no shard moves while they are added up.
  Counts total() const;
  void reset();

 private:
  std::deque<CounterShard> shards_;
};

}  // namespace katydid::target
