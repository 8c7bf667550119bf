#include "worker/loop_lag_watch.hpp"

#include <fmt/format.h>

#include <utility>

namespace katydid {
namespace {

using namespace std::chrono_literals;
constexpr auto least_lag = 1ms;
constexpr auto quiet_time = 30s;
constexpr std::uint64_t least_samples = 100;  // fewer have no 99th percentile
constexpr double all_the_time = 0.9, much_waiting = 0.25;

double milliseconds(auto duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

double share(std::chrono::nanoseconds part, std::chrono::nanoseconds whole) {
  return whole > 0ns ? static_cast<double>(part.count()) / static_cast<double>(whole.count()) : 0;
}

/// What to do depends on what the loops did: work, wait for a processor, or neither.
std::string advice(double busy, double waited) {
  if (busy >= all_the_time) {
    return fmt::format(
        "this generator is saturated, its loops are {:.0f} % busy. Give it more cores or more workers, or fewer users.",
        100 * busy);
  }
  if (waited >= much_waiting || busy + waited >= all_the_time) {
    return fmt::format(
        "other programs have this generator's processor. Its loops were busy for {:.0f} % of the time and waited for a "
        "processor for {:.0f} %. Give it cores of its own.",
        100 * busy, 100 * waited);
  }
  return fmt::format(
      "this generator keeps answers waiting although its loops are only {:.0f} % busy. Tasks block their loop (a lock, "
      "a file, a sleep without co_await), or other programs have the processor: its loops waited for one for {:.1f} % "
      "of the time.",
      100 * busy, 100 * waited);
}

}  // namespace

void LoopLagWatch::add(const ShardReport& report) {
  window_.lag.merge(report.lag);
  window_.wall += report.wall;
  window_.cpu += report.cpu;
  window_.waited += report.waited;
  for (const StatisticsDelta& delta : report.statistics) {
    for (const StatisticsDelta::Entry& entry : delta.entries) {
      window_.response_time += entry.counts.total_response_time;
      window_.timed += entry.counts.num_requests - entry.counts.num_none_requests;
    }
  }
}

std::optional<std::string> LoopLagWatch::look(const ShardReport& report, clock::time_point now) {
  add(report);
  if (window_.timed > 0 && window_.lag.count() < least_samples) return {};
  const Window window = std::exchange(window_, {});
  if (window.timed == 0) return {};
  const auto mean = window.response_time / static_cast<double>(window.timed);
  const auto mean_lag = window.lag.total() / static_cast<std::int64_t>(window.lag.count());
  const auto p99 = window.lag.percentile(0.99);
  const double busy = share(window.cpu, window.wall);
  const bool distorted = p99 >= least_lag && 10 * p99 >= mean;
  const bool saturated = busy >= all_the_time && 10 * mean_lag >= mean;
  if (!distorted && !saturated) return {};
  if (now < quiet_until_ && p99 < 2 * last_) return {};
  quiet_until_ = now + quiet_time;
  last_ = p99;
  return fmt::format("katydid loop lag: {}. Response times ({:.2f} ms on average) can be too long by as much: {}",
                     to_text(window.lag), milliseconds(mean), advice(busy, share(window.waited, window.wall)));
}

std::string to_text(const LoopLag& lag) {
  return fmt::format("p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms", milliseconds(lag.percentile(0.5)),
                     milliseconds(lag.percentile(0.99)), milliseconds(lag.max()));
}

protocol::StatsEntry loop_lag_entry(const LoopLag& lag, WallTime now) {
  protocol::StatsEntry entry;
  entry.name = "katydid loop lag";
  entry.method = "LOOP";
  entry.start_time = now;
  entry.last_request_timestamp = now;
  entry.num_requests = lag.count();
  entry.total_response_time = lag.total();
  entry.max_response_time = lag.max();
  if (lag.count() > 0) entry.min_response_time = lag.min();
  lag.for_each([&](std::chrono::nanoseconds end, std::uint64_t count) {
    entry.response_times.emplace_back(std::chrono::ceil<std::chrono::microseconds>(end), count);
  });
  return entry;
}

}  // namespace katydid
