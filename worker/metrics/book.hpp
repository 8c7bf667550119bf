#pragma once

#include "net/loop_lag.hpp"
#include "worker/statistics/delta.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace katydid::metrics {

/// The ends of the buckets of a histogram, in seconds; the last one, +Inf, is not among them.
inline constexpr std::array<double, 18> time_bounds{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                    0.1,    0.2,    0.5,    1,     2,     5,     10,   30,   60};

/// What a process has counted since it began: nothing of it goes back, whatever a test resets. Requests are told apart
/// by up to `max_names` methods and names, failures by up to `max_errors`; what is beyond counts as "other".
class Book {
 public:
  static constexpr std::size_t max_names = 1'000, max_errors = 200, max_error_bytes = 200;
  static constexpr std::string_view other = "other";

  /// Each delta that comes from a shard, once. Tasks that were dropped are given to add_dropped() besides.
  void add(const StatisticsDelta& delta);
  void add(const LoopLag& lag);
  void add_exceptions(std::uint64_t count) { exceptions_ += count; }
  void report(bool sent) { ++(sent ? reports_sent_ : reports_kept_); }
  void set_users(const std::map<std::string, std::int64_t>& users);
  /// One of `all` of Locust's words.
  void set_state(std::string_view state) { state_ = state; }

  /// In Prometheus's text format.
  std::string text() const;

 private:
  friend class OtlpPage;

  struct Times {
    std::array<std::uint64_t, time_bounds.size() + 1> buckets{};
    double seconds = 0;
    std::uint64_t count = 0;

    void add(double at, std::uint64_t times);
  };
  struct Entry {
    std::uint64_t requests = 0, failures = 0, bytes = 0;
    Times times;
  };
  using Name = std::pair<std::string, std::string>;  // method and name
  Entry& entry(const RequestKey& key);
  Times& phase(const RequestKey& key);
  std::uint64_t& error(const ErrorKey& key);

  std::map<Name, Entry> entries_;
  std::map<std::tuple<std::string, std::string, std::string>, Times> phases_;  // method, name, phase
  std::map<std::pair<Name, std::string>, std::uint64_t> errors_;
  std::map<std::string, std::uint64_t> dropped_;  // by user class
  std::map<std::string, std::int64_t> users_;
  Times lag_;
  std::uint64_t cut_off_ = 0, exceptions_ = 0, reports_sent_ = 0, reports_kept_ = 0;
  std::string state_ = "ready";
};

}  // namespace katydid::metrics
