#pragma once

#include "tests/support/target/counters.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace katydid::target {

/// Which requests fail at a given rate: evenly spread, and the same ones in every run.
class FailureSchedule {
 public:
  /// Whether the next request of series `name` fails. With rate 0.25 these are the 4th, 8th, 12th...
  bool next_fails(std::string_view name, double rate);
  void reset();

 private:
  static constexpr std::size_t most_series = 1000;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t, std::less<>> requests_;
};

/// Keeps small compressed bodies, so that answering costs less than asking.
class BodyCache {
 public:
  using Body = std::shared_ptr<const std::string>;
  template <class Make>
  Body get(const std::string& name, Make&& make) {
    {
      const std::lock_guard lock(mutex_);
      const auto found = bodies_.find(name);
      if (found != bodies_.end()) return found->second;
    }
    auto body = std::make_shared<const std::string>(make());
    const std::lock_guard lock(mutex_);
    if (bodies_.size() < most_bodies && body->size() <= largest_body) bodies_.emplace(name, body);
    return body;
  }

 private:
  static constexpr std::size_t most_bodies = 64, largest_body = 1024 * 1024;
  std::mutex mutex_;
  std::map<std::string, Body> bodies_;
};

/// What the loops of one target have in common.
struct Shared {
  Shared();

  Counters counters;
  FailureSchedule failures;
  BodyCache bodies;
  std::string nonce_secret;  ///< tells this target's digest nonces from made-up ones
  std::function<void(std::string_view)> log;
};

}  // namespace katydid::target
