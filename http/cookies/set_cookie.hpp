#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace katydid {

/// A Set-Cookie header's value taken apart by RFC 6265, section 5.2; the parts view its text.
struct SetCookie {
  std::string_view name{}, value{};
  std::optional<std::string_view> domain{};  ///< without its leading dot; "" is written as often as it is left out
  std::optional<std::string_view> path{};    ///< as written, so it need not begin with a slash
  std::optional<std::chrono::seconds> max_age{};
  std::optional<std::chrono::sys_seconds> expires{};
  bool secure = false;
  bool http_only = false;
};

/// Nothing for what user agents ignore: no "=", no name, a control character, more than 4,096 bytes of name and value.
/// An attribute that is unknown, unreadable or longer than 1,024 bytes is passed over; the last of its kind counts.
std::optional<SetCookie> parse_set_cookie(std::string_view text);

}  // namespace katydid
