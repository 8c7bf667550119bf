#include "python/src/gevent/set_cookie.hpp"

#include "http/ascii.hpp"
#include "http/header_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace katydid::python {
namespace {

constexpr std::size_t longest = 16 * 1024;
constexpr std::size_t most_attributes = 32;
constexpr std::size_t most_digits = 12;  // of a Max-Age

constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/// They have rules of their own in http.cookiejar.
constexpr std::array<std::string_view, 5> odd{"version", "port", "discard", "comment", "commenturl"};

/// Takes what is in front of the mark off the text, and the mark.
std::string_view take_until(std::string_view& text, char mark) {
  const std::size_t end = std::min(text.find(mark), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::optional<std::int64_t> number(std::string_view digits) {
  if (digits.empty() || digits.size() > most_digits) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : digits) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<std::int64_t> signed_number(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto value = number(text);
  return value && negative ? -*value : value;
}

/// "Tue, 08 Dec 2026 01:07:57 GMT", "Tue, 08-Dec-2026 01:07:57 GMT". False for other forms; without a time for what
/// http.cookiejar takes for no date.
bool read_date(std::string_view text, std::optional<std::int64_t>& out) {
  if (text.size() != 29 || !text.ends_with(" GMT") || text.substr(3, 2) != ", ") return false;
  const char mark = text[7];
  if ((mark != ' ' && mark != '-') || text[11] != mark || text[16] != ' ' || text[19] != ':' || text[22] != ':')
    return false;
  if (std::ranges::find(days, text.substr(0, 3)) == days.end()) return false;
  const auto month = std::ranges::find(months, text.substr(8, 3));
  const auto day = number(text.substr(5, 2)), year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2)), minute = number(text.substr(20, 2)),
             second = number(text.substr(23, 2));
  if (month == months.end() || !day || !year || !hour || !minute || !second) return false;
  if (*year < 1000) return false;
  out.reset();
  if (*year < 1970 || *day < 1 || *day > 31 || *hour > 24 || *minute > 59 || *second > 61) return true;
  const std::chrono::year_month_day first(std::chrono::year(static_cast<int>(*year)),
                                          std::chrono::month(static_cast<unsigned>(month - months.begin() + 1)),
                                          std::chrono::day(1));
  const std::int64_t days_before = std::chrono::sys_days(first).time_since_epoch().count();
  out = (((days_before + *day - 1) * 24 + *hour) * 60 + *minute) * 60 + *second;
  return true;
}

/// Reads one attribute after another.
class Reader {
 public:
  Reader(SetCookie& cookie, std::int64_t now) : cookie_(cookie), now_(now) {}

  /// False for what only http.cookiejar can judge.
  bool take(std::string_view key, std::optional<std::string_view> value) {
    if (same_name(key, "path")) return take_path(value);
    if (same_name(key, "expires")) return take_expires(value);
    if (same_name(key, "max-age")) return take_max_age(value);
    if (same_name(key, "domain")) return take_domain(value);
    if (same_name(key, "secure")) {
      cookie_.secure = true;
      return !value;
    }
    if (std::ranges::any_of(odd, [&](std::string_view each) { return same_name(key, each); })) return false;
    cookie_.rest.emplace_back(key, value);
    return cookie_.rest.size() <= most_attributes;
  }

 private:
  /// The first one counts, of this as of the domain and the date.
  bool take_path(std::optional<std::string_view> value) {
    if (!value || !is_plain_cookie_path(*value)) return false;
    if (!has_path_) cookie_.path = *value;
    has_path_ = true;
    return true;
  }

  bool take_domain(std::optional<std::string_view> value) {
    if (!value || value->empty()) return false;
    std::string domain(*value);
    for (char& c : domain) {
      c = ascii_lower(c);
      if (!((c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_')) return false;
    }
    if (!cookie_.domain) cookie_.domain = std::move(domain);
    return true;
  }

  bool take_expires(std::optional<std::string_view> value) {
    std::optional<std::int64_t> time;
    if (!value || !read_date(*value, time)) return false;
    if (!cookie_.expires) cookie_.expires = time;
    return true;
  }

  /// The last one counts, and more than a date.
  bool take_max_age(std::optional<std::string_view> value) {
    const auto seconds = value ? signed_number(*value) : std::nullopt;
    if (!seconds) return false;
    cookie_.expires = now_ + *seconds;
    return true;
  }

  SetCookie& cookie_;
  std::int64_t now_;
  bool has_path_ = false;
};

}  // namespace

bool is_plain_cookie_path(std::string_view path) {
  return std::ranges::all_of(path, [](char c) {
    return is_unreserved(c) || std::string_view("/;:@&=+$,!*'()").find(c) != std::string_view::npos;
  });
}

std::optional<SetCookie> SetCookie::of(std::string_view header, std::int64_t now) {
  if (header.size() > longest) return std::nullopt;
  if (!std::ranges::all_of(header, [](char c) { return c >= ' ' && c <= '~'; })) return std::nullopt;
  SetCookie cookie;
  Reader reader(cookie, now);
  for (bool is_first = true; is_first || !header.empty(); is_first = false) {
    std::string_view pair = take_until(header, ';');
    const bool has_value = pair.find('=') != pair.npos;
    const std::string_view key = trimmed(take_until(pair, '='));
    const auto value = has_value ? std::optional(trimmed(pair)) : std::nullopt;
    if (is_first) {
      if (key.empty()) return cookie;
      cookie.name = key;
      cookie.value = value;
    } else if (!key.empty() && !reader.take(key, value)) {
      return std::nullopt;
    }
  }
  return cookie;
}

}  // namespace katydid::python
