#pragma once

#include "http/span.hpp"
#include "worker/otel/post.hpp"
#include "worker/otel/settings.hpp"
#include "worker/otel/spans.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace katydid::otel {

/// `--otel`: sends metrics and spans of a process to a collector. A thread of its own does it, which begins with the
/// first of them, so that processes may part after this was made.
class Exporter final : public SpanSink {
 public:
  using clock = Post::clock;
  enum class Delivery { under_way, sent, failed };
  /// What became of an export of metrics.
  using Receipt = std::shared_ptr<std::atomic<Delivery>>;

  explicit Exporter(Settings settings);
  ~Exporter();

  const Settings& settings() const { return settings_; }
  /// With what tells this process from others.
  Pairs resource() const;

  /// Only so many wait: others are dropped, counted and told.
  void take(const EndedSpan& span) override;
  /// One export at a time: the last one has its receipt.
  Receipt send_metrics(std::string message);

  /// From now on there is as much time as the endpoint's timeout, and nothing more is tried again for a server that is
  /// not there.
  void hurry();
  /// Until no metrics wait or are under way.
  void wait_for_metrics();
  /// Sends what is left, in the time that there is after hurry(). Later spans are not taken.
  void finish();
  std::uint64_t dropped() const { return dropped_; }

 private:
  void begin_thread();
  void run();
  bool sleep_until(clock::time_point when, Post::Obstacle obstacle);

  const Settings settings_;
  std::once_flag begun_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_, settled_;
  std::string metrics_;  // that wait
  Receipt receipt_;      // of those, and of those that are under way
  std::vector<Span> spans_;
  bool ends_ = false;
  std::atomic<clock::time_point> ends_at_ = clock::time_point::max();
  std::atomic<std::uint64_t> dropped_ = 0;
  std::uint64_t unsent_ = 0;
};

}  // namespace katydid::otel
