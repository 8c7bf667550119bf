#pragma once

#include "http/span.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace katydid {

/// Where the spans of a test go.
struct Spans final : SpanSink {
  struct Kept {
    SpanOf of;
    SpanIds ids;
    std::string parent;  // in hexadecimal digits; "" where there is none
    std::string traceparent, user_class, method, name, url, error, rpc_status;
    int status, redirects;
    std::chrono::nanoseconds duration;
  };

  explicit Spans(double share = 1, bool says_it = true) : SpanSink(share, says_it) { become_current(); }
  void take(const EndedSpan& span) override {
    const bool has_parent = std::ranges::any_of(span.parent, [](auto byte) { return byte != 0; });
    kept.push_back(
        {.of = span.of,
         .ids = span.ids,
         .parent = has_parent ? hex_text(span.parent.data(), span.parent.size()) : "",
         .traceparent = "00-" + hex_text(span.ids.trace.data(), 16) + "-" + hex_text(span.ids.span.data(), 8) + "-01",
         .user_class = std::string(span.user_class),
         .method = std::string(span.method),
         .name = std::string(span.name),
         .url = std::string(span.url),
         .error = std::string(span.error),
         .rpc_status = std::string(span.rpc_status),
         .status = span.status,
         .redirects = span.redirects,
         .duration = span.duration});
  }
  Kept one() {
    REQUIRE(kept.size() == 1);
    Kept span = kept.front();
    kept.clear();
    return span;
  }

  std::vector<Kept> kept;
};

}  // namespace katydid
