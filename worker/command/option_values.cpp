#include "worker/command/option_values.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace katydid {
namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

template <class Keep>
std::vector<std::string> split(std::string_view text, Keep keep) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : text) {
    if (keep(c)) {
      part += c;
    } else if (!part.empty()) {
      parts.push_back(std::move(part));
      part.clear();
    }
  }
  if (!part.empty()) parts.push_back(std::move(part));
  return parts;
}

}  // namespace

std::string_view stripped(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() && (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

long parse_integer(std::string_view text, long least, long most) {
  long value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || value < least || value > most) {
    throw BadValue("expected a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

double parse_number(std::string_view text) {
  const std::string copy(text);
  char* stop = nullptr;
  const double value = std::strtod(copy.c_str(), &stop);
  const bool whole = !copy.empty() && !is_space(copy.front()) && stop == copy.c_str() + copy.size();
  if (!whole || !std::isfinite(value)) throw BadValue("expected a number");
  return value;
}

double parse_positive(std::string_view text) {
  constexpr const char* expected = "expected a number greater than 0";
  try {
    if (const double value = parse_number(text); value > 0) return value;
  } catch (const BadValue&) {
    throw BadValue(expected);
  }
  throw BadValue(expected);
}

std::chrono::seconds parse_timespan(std::string_view text) {
  constexpr std::int64_t most = 100L * 365 * 24 * 3600;
  const BadValue bad("expected a time span such as 20, 20s, 3m, 2h, 1h20m or 3h30m10s");
  std::int64_t total = 0;
  std::string_view units = "hms";
  for (bool first = true; first || !text.empty(); first = false) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || number < 0 || number > most || text.front() == '-') throw bad;
    if (stop == end) {
      if (!first) throw bad;
      return std::chrono::seconds(number);
    }
    const std::size_t unit = units.find(*stop);
    if (unit == std::string_view::npos) throw bad;
    total += number * (*stop == 'h' ? 3600 : *stop == 'm' ? 60 : 1);
    if (total > most) throw bad;
    units.remove_prefix(unit + 1);
    text.remove_prefix(static_cast<std::size_t>(stop + 1 - text.data()));
  }
  return std::chrono::seconds(total);
}

bool parse_flag(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* word : {"true", "yes", "on", "1"}) {
    if (lower == word) return true;
  }
  for (const char* word : {"false", "no", "off", "0"}) {
    if (lower == word) return false;
  }
  throw BadValue("expected true, yes, on, 1, false, no, off or 0");
}

std::vector<std::string> split_commas(std::string_view text) {
  std::vector<std::string> parts;
  for (const std::string& part : split(text, [](char c) { return c != ','; })) {
    if (const std::string_view name = stripped(part); !name.empty()) parts.emplace_back(name);
  }
  return parts;
}

bool is_json_object(std::string_view text) {
  const std::size_t first = text.find_first_not_of("[ \t\n");
  return first != std::string_view::npos && text[first] == '{';
}

std::vector<std::string> split_list(std::string_view text) {
  text = stripped(text);
  if (!text.starts_with('[') || !text.ends_with(']')) return split(text, [](char c) { return !is_space(c); });
  std::vector<std::string> items;
  for (const std::string& item : split_commas(text.substr(1, text.size() - 2))) items.emplace_back(unquoted(item));
  return items;
}

}  // namespace katydid
