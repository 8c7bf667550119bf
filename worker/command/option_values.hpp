#pragma once

#include "base/bad_value.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace katydid {

/// Without blanks at either end.
std::string_view stripped(std::string_view text);
/// Without the quotes around it, where there are some.
std::string_view unquoted(std::string_view text);

// All of these throw BadValue.

/// A whole number within the bounds, both included.
long parse_integer(std::string_view text, long least, long most);
/// A finite number.
double parse_number(std::string_view text);
/// A finite number above 0.
double parse_positive(std::string_view text);
/// Locust's parse_timespan: "20", "20s", "3m", "2h", "1h20m", "3h30m10s".
std::chrono::seconds parse_timespan(std::string_view text);
/// ConfigArgParse's words for flags: true, yes, on, 1, false, no, off, 0.
bool parse_flag(std::string_view text);
/// "a b", "[a, b]" or "["a", "b"]": how a list is written in an environment variable.
std::vector<std::string> split_list(std::string_view text);
/// Of JSON: an object, or an array that begins with one. Such a text is no list of words.
bool is_json_object(std::string_view text);
/// "a.cpp, b.cpp"; parts that are empty are left out.
std::vector<std::string> split_commas(std::string_view text);

}  // namespace katydid
