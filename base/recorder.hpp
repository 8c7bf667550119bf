#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace katydid {

struct Phases;
class Response;
class Value;

/// One finished request, as Locust's `request` event: name, method, response time, length, and an error or none.
struct Sample {
  std::string_view method;
  std::string_view name;
  std::chrono::nanoseconds response_time{};  // negative: it has none, Locust's None
  std::uint64_t response_length = 0;         // bytes of the body
  std::string_view error{};                  // empty: success
  std::string_view url{};                    // that was asked for, before redirects
  const Value* context{};                    // what the request's options say, or nullptr
  const Response* response{};                // nullptr of what is no HTTP request
  const Phases* phases{};                    // of what is an HTTP request, or nullptr
  bool apart = false;  // an entry of its own, in no total: a second view of a request, or what is none
};

/// Where clients report what they did. One per shard, called on the shard's thread only.
class Recorder {
 public:
  /// Every request ends in exactly one of record() and cut_off().
  virtual void record(const Sample& sample) = 0;
  /// A request that was sent, or was about to be, when its user was cancelled: no answer was seen, so it is no sample.
  virtual void cut_off(std::string_view method, std::string_view name) = 0;

 protected:
  ~Recorder() = default;
};

}  // namespace katydid
