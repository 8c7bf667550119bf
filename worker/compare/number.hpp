#pragma once

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace katydid::compare {

/// Times, counts and seconds: finite, and not negative. Throws std::runtime_error that has `text`.
inline double plausible(double value, std::string_view text) {
  if (std::isfinite(value) && value >= 0) return value;
  throw std::runtime_error("'" + std::string(text) + "' is no time and no count");
}

/// The same of what is written.
inline double number_from(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (copy.empty() || end != copy.c_str() + copy.size()) throw std::runtime_error("'" + copy + "' is no number");
  return plausible(value, copy);
}

}  // namespace katydid::compare
