#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace katydid {

/// The date of a cookie's Expires by RFC 6265, section 5.1.1, which takes every form that servers were ever seen to
/// write: day, month, year and time in any order, with anything between them; the zone is always taken for UTC. Nothing
/// when a part is missing or out of range, or the day is none of that month.
std::optional<std::chrono::sys_seconds> parse_cookie_date(std::string_view text);

}  // namespace katydid
