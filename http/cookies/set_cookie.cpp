#include "http/cookies/set_cookie.hpp"

#include "http/ascii.hpp"
#include "http/cookies/date.hpp"
#include "http/header_text.hpp"

#include <algorithm>
#include <cstdint>

namespace katydid {
namespace {

constexpr std::size_t most_bytes = 4096, most_attribute_bytes = 1024;

/// Takes what comes before the separator, and the separator, off the front; whether there was one.
bool take_until(char separator, std::string_view& text, std::string_view& taken) {
  const auto at = text.find(separator);
  taken = text.substr(0, at);
  text.remove_prefix(at == text.npos ? text.size() : at + 1);
  return at != text.npos;
}

/// Digits, with a minus sign or not; too many of them are the largest number there is.
std::optional<std::chrono::seconds> parse_max_age(std::string_view text) {
  constexpr std::int64_t most = std::int64_t{1} << 40;  // 34,000 years, so that a date can be added
  const bool negative = text.starts_with('-');
  const auto digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || !std::ranges::all_of(digits, is_digit)) return {};
  std::int64_t seconds = 0;
  for (const char c : digits) seconds = std::min(seconds * 10 + (c - '0'), most);
  return std::chrono::seconds(negative ? -seconds : seconds);
}

void read_attribute(SetCookie& cookie, std::string_view name, std::string_view value) {
  if (value.size() > most_attribute_bytes) return;
  if (same_name(name, "Expires")) {
    if (const auto date = parse_cookie_date(value)) cookie.expires = date;
  } else if (same_name(name, "Max-Age")) {
    if (const auto age = parse_max_age(value)) cookie.max_age = age;
  } else if (same_name(name, "Domain")) {
    cookie.domain = value.substr(value.starts_with('.') ? 1 : 0);
  } else if (same_name(name, "Path")) {
    cookie.path = value;
  } else if (same_name(name, "Secure")) {
    cookie.secure = true;
  } else if (same_name(name, "HttpOnly")) {
    cookie.http_only = true;
  }
}

}  // namespace

std::optional<SetCookie> parse_set_cookie(std::string_view text) {
  if (has_control(text)) return {};
  SetCookie cookie;
  std::string_view pair;
  take_until(';', text, pair);
  if (!take_until('=', pair, cookie.name)) return {};
  cookie.name = trimmed(cookie.name);
  cookie.value = trimmed(pair);
  if (cookie.name.empty() || cookie.name.size() + cookie.value.size() > most_bytes) return {};
  while (!text.empty()) {
    std::string_view attribute, name;
    take_until(';', text, attribute);
    take_until('=', attribute, name);
    read_attribute(cookie, trimmed(name), trimmed(attribute));
  }
  return cookie;
}

}  // namespace katydid
