#pragma once

#include "http/fields.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace katydid {

/// Of a call. No strings in it: GCC 12 would spoil them where options stand in a co_await.
struct GrpcOptions {
  std::string_view name{};  ///< of its entry; empty: the method
  /// Keys in lower case; the value of a key that ends in "-bin" is bytes.
  Fields metadata{};
  /// The deadline, from the call's beginning to its end. The server is told; zero: none.
  std::chrono::milliseconds timeout{};
  /// Counted when the result is judged, by success() or failure(), or goes; for calls with one reply.
  bool catch_response = false;
  bool compression = false;             ///< sends gzip; what comes is decompressed in any case
  std::uint64_t max_message = 4 << 20;  ///< bytes of a message that comes; a larger one is RESOURCE_EXHAUSTED
};

}  // namespace katydid
