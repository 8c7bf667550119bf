#pragma once

#include "http/header_text.hpp"

#include <string_view>

namespace katydid {

/// Letters and digits of protocols are ASCII, whatever the locale says. @{
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline bool starts_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() && same_name(text.substr(0, start.size()), start);
}
/// @}

}  // namespace katydid
