#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace katydid::metrics {

/// What is asked of the metrics' server. It takes no more of HTTP than a scraper needs: GET or HEAD, no body.
struct ScrapeRequest {
  enum class Kind {
    page,         ///< GET /metrics
    head,         ///< HEAD /metrics
    elsewhere,    ///< another path
    not_allowed,  ///< another method
    malformed,
  };
  static constexpr std::size_t max_bytes = 8'192;

  /// Of all that was received so far; nothing while the request has not ended.
  static std::optional<Kind> parse(std::string_view received);
};

}  // namespace katydid::metrics
