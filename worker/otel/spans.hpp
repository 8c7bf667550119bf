#pragma once

#include "http/span.hpp"
#include "worker/otel/settings.hpp"
#include "worker/otel/writer.hpp"

#include <chrono>
#include <span>
#include <string>

namespace katydid::otel {

/// An EndedSpan that owns its text.
struct Span {
  explicit Span(const EndedSpan& ended);

  SpanIds ids;
  std::string user_class, method, name, url, error;
  int status, redirects;
  std::chrono::sys_time<std::chrono::nanoseconds> start;
  std::chrono::nanoseconds duration;
};

/// An ExportTraceServiceRequest.
std::string traces_message(std::span<const Span> spans, const Pairs& resource, Format format);

}  // namespace katydid::otel
