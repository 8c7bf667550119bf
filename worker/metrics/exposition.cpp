#include "worker/metrics/exposition.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace katydid::metrics {

void Exposition::metric(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::sample(Labels labels, double value, std::string_view suffix) {
  begin_sample(labels, suffix);
  text_.append(bound_text(value)).append("\n");
}

void Exposition::sample(Labels labels, std::uint64_t value, std::string_view suffix) {
  begin_sample(labels, suffix);
  text_.append(std::to_string(value)).append("\n");
}

void Exposition::begin_sample(Labels labels, std::string_view suffix) {
  text_.append(name_).append(suffix);
  char separator = '{';
  for (const auto& [label, value] : labels) {
    text_ += std::exchange(separator, ',');
    text_.append(label).append("=\"");
    for (const char c : value) {
      if (c == '\n') {
        text_ += "\\n";
        continue;
      }
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }
  text_ += separator == ',' ? "} " : " ";
}

std::string bound_text(double bound) {
  if (std::isinf(bound)) return bound < 0 ? "-Inf" : "+Inf";
  std::array<char, 64> buffer;
  const double size = std::abs(bound);
  const bool short_enough = size == 0 || (size >= 1e-6 && size < 1e15);
  const auto format = short_enough ? std::chars_format::fixed : std::chars_format::scientific;
  return {buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), bound, format).ptr};
}

}  // namespace katydid::metrics
