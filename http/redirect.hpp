#pragma once

#include <string_view>

namespace katydid {

/// Redirects as requests (and so Locust) follows them. @{
constexpr bool is_redirect(int status) { return (status >= 301 && status <= 303) || status == 307 || status == 308; }

/// Whether what comes next is a GET without a body.
constexpr bool redirects_to_get(int status, std::string_view method) {
  if (method == "HEAD") return false;
  return status == 303 || status == 302 || (status == 301 && method == "POST");
}
/// @}

/// Whether a request may be sent again when nobody knows if the server has carried it out (RFC 9110, 9.2.2).
constexpr bool is_idempotent(std::string_view method) { return method != "POST" && method != "PATCH"; }

}  // namespace katydid
