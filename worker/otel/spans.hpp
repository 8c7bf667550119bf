#pragma once

#include "http/span.hpp"
#include "worker/otel/settings.hpp"
#include "worker/otel/writer.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

namespace katydid::otel {

/// An EndedSpan that owns its text.
struct Span {
  explicit Span(const EndedSpan& ended);

  SpanOf of;
  SpanIds ids;
  std::array<std::uint8_t, 8> parent;
  std::string user_class, method, name, url, error, rpc_status;
  int status, redirects;
  std::chrono::sys_time<std::chrono::nanoseconds> start;
  std::chrono::nanoseconds duration;
};

/// An ExportTraceServiceRequest.
std::string traces_message(std::span<const Span> spans, const Pairs& resource, Format format);

}  // namespace katydid::otel
