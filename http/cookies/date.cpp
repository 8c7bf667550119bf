#include "http/cookies/date.hpp"

#include "http/ascii.hpp"

#include <algorithm>
#include <array>

namespace katydid {
namespace {

constexpr bool is_delimiter(char c) {
  return c == '\t' || (c >= ' ' && c <= '/') || (c >= ';' && c <= '@') || (c >= '[' && c <= '`') ||
         (c >= '{' && c <= '~');
}

/// Takes `least` to `most` digits off the front; a further digit makes it none.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  int number = 0;
  for (; count < text.size() && is_digit(text[count]); ++count) {
    if (count == most) return {};
    number = number * 10 + (text[count] - '0');
  }
  if (count < least) return {};
  text.remove_prefix(count);
  return number;
}

using Time = std::array<int, 3>;  // hour, minute, second; not checked

std::optional<Time> parse_time(std::string_view token) {
  Time time{};
  for (std::size_t i = 0; i < time.size(); ++i) {
    if (i > 0) {
      if (!token.starts_with(':')) return {};
      token.remove_prefix(1);
    }
    const auto number = take_number(token, 1, 2);
    if (!number) return {};
    time[i] = *number;
  }
  return time;
}

std::optional<unsigned> parse_month(std::string_view token) {
  constexpr std::array<std::string_view, 12> names{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
  for (unsigned i = 0; i < names.size(); ++i) {
    if (starts_ignoring_case(token, names[i])) return i + 1;
  }
  return {};
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_cookie_date(std::string_view text) {
  std::optional<Time> time;
  std::optional<int> day, year;
  std::optional<unsigned> month;
  // A token is the first of these that it can be and that is still missing.
  const auto fill = [](auto& part, auto value) {
    if (part || !value) return false;
    part = value;
    return true;
  };
  while (!text.empty()) {
    const auto size = static_cast<std::size_t>(std::ranges::find_if(text, is_delimiter) - text.begin());
    const auto token = text.substr(0, size);
    auto day_digits = token, year_digits = token;
    text.remove_prefix(std::min(size + 1, text.size()));
    if (fill(time, parse_time(token)) || fill(day, take_number(day_digits, 1, 2)) || fill(month, parse_month(token)))
      continue;
    fill(year, take_number(year_digits, 2, 4));
  }
  if (!time || !day || !month || !year) return {};
  if (*year < 70) {
    *year += 2000;
  } else if (*year < 100) {
    *year += 1900;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  const auto [hour, minute, second] = *time;
  if (*year < 1601 || !date.ok() || hour > 23 || minute > 59 || second > 59) return {};
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

}  // namespace katydid
