#pragma once

#include <string_view>

namespace katydid {

/// Sees what a client puts on the wire and what comes back: `--run-single-user`.
class Tracer {
 public:
  enum class Part { request_head, request_body, response_head, response_body };
  /// One piece as it came; a head is one line or several, with their line ends. Called in the middle of a transfer, so
  /// it must not use the client.
  virtual void trace(Part part, std::string_view text) = 0;

 protected:
  ~Tracer() = default;
};

}  // namespace katydid
