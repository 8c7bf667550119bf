#include "worker/reports/python_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <utility>

namespace katydid::reports {

std::string python_float(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::array<char, 64> buffer;
  const auto written = [&](std::chars_format format) {
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format);
    return std::string(buffer.data(), end);
  };
  std::string scientific = written(std::chars_format::scientific);
  const std::size_t mark = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + mark + 1);
  if (exponent < -4 || exponent >= 16) return scientific;
  std::string fixed = written(std::chars_format::fixed);
  if (fixed.find('.') == std::string::npos) fixed += ".0";
  return fixed;
}

std::string milliseconds_text(std::chrono::duration<double, std::nano> time) {
  return python_float(time.count() / 1e6);
}

std::string key_text(std::chrono::microseconds key) {
  if (key.count() % 1'000 == 0) return std::to_string(key.count() / 1'000);
  return python_float(static_cast<double>(key.count()) / 1e3);
}

double python_time(std::chrono::sys_time<std::chrono::nanoseconds> time) {
  const auto whole =
      std::chrono::floor<std::chrono::seconds>(time);  // all nanoseconds are more digits than a double has
  return static_cast<double>(whole.time_since_epoch().count()) + std::chrono::duration<double>(time - whole).count();
}

std::string utc_text(std::chrono::sys_time<std::chrono::nanoseconds> time) {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 64> buffer;
  return {buffer.data(), std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

CsvRow& CsvRow::add(std::string_view field) {
  if (!std::exchange(first_, false)) row_ += ',';
  if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
    row_ += field;
    return *this;
  }
  row_ += '"';
  for (const char c : field) row_.append(c == '"' ? 2 : 1, c);
  row_ += '"';
  return *this;
}

}  // namespace katydid::reports
