#include "worker/command/console.hpp"

#include "worker/statistics/measures.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace katydid {
namespace {

constexpr std::size_t type_width = 8;
constexpr auto& percentiles = reported_percentiles;

std::string fixed(double value, int digits) {
  std::array<char, 340> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return {buffer.data(), static_cast<std::size_t>(length)};
}

/// Columns are aligned by characters, as in Python, not by bytes.
std::size_t fill(std::string_view text, std::size_t width) {
  const auto characters = static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  return width > characters ? width - characters : 0;
}
std::string left(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(fill(text, width), ' ');
}
std::string right(std::string_view text, std::size_t width) {
  return std::string(fill(text, width), ' ') + std::string(text);
}
std::string line(std::size_t width) { return std::string(width, '-'); }

/// Python's %d of a float cuts it; where that would leave nothing or one digit, two significant ones are shown.
std::string time_cell(Milliseconds time, Rounding rounding) {
  const double ms = time.count();
  if (rounding == Rounding::locust || ms == 0 || ms >= 10) return fixed(std::trunc(ms), 0);
  if (ms >= 1) return fixed(ms, 1);
  return fixed(ms, ms >= 0.1 ? 2 : 3);
}

/// The column of names in the table of requests is wider, because the others are narrower there. On a terminal without
/// room Python's format turns a width of -4 into 4.
struct NameColumn {
  std::size_t width, rule;
};
NameColumn name_column(const ConsoleFormat& format) {
  const auto width = static_cast<std::ptrdiff_t>(format.name_width) - static_cast<std::ptrdiff_t>(type_width) + 4;
  return {static_cast<std::size_t>(std::abs(width)), static_cast<std::size_t>(std::max<std::ptrdiff_t>(width, 0))};
}

std::string stats_row(std::string_view method, std::string_view name, const EntryCounts& counts,
                      const RunningStatistics::Rates& rates, const ConsoleFormat& format) {
  const auto time = [&](Milliseconds value) { return right(time_cell(value, format.rounding), 7); };
  const double failed =
      counts.num_requests == 0
          ? 0
          : 100 * (static_cast<double>(counts.num_failures) / static_cast<double>(counts.num_requests));
  const std::string fails = std::to_string(counts.num_failures) + "(" + fixed(failed, 2) + "%)";
  return left(method.empty() ? "" : std::string(method) + " ", type_width) + " " +
         left(name, name_column(format).width) + " " + right(std::to_string(counts.num_requests), 7) + " " +
         right(fails, 12) + " |" + time(average(counts)) + " " + time(least(counts)) + " " +
         time(counts.max_response_time) + time(median(counts)) + " | " + right(fixed(rates.requests, 2), 7) + " " +
         right(fixed(rates.failures, 2), 11) + "\n";
}

std::string percentile_row(std::string_view method, std::string_view name, const EntryCounts& counts,
                           const ConsoleFormat& format) {
  std::string row = left(method, type_width) + " " + left(name, format.name_width) + " ";
  for (const auto& [fraction, label] : percentiles) {
    // Locust gives the first percentile the width that its header has.
    const std::size_t width = fraction == percentiles.front().first ? 8 : 6;
    row += right(time_cell(counts.response_times.percentile(fraction), format.rounding), width) + " ";
  }
  return row + right(std::to_string(counts.num_requests), 6) + "\n";
}

/// Locust keeps the exception of catch_response around the text of a failure.
std::string_view unwrap(std::string_view error) {
  constexpr std::string_view wrapper = "CatchResponseError(";
  if (!error.starts_with(wrapper)) return error;
  error.remove_prefix(wrapper.size());
  if (!error.empty()) error.remove_suffix(1);
  return error;
}

}  // namespace

std::string stats_table(const RunningStatistics& statistics, RatesOver period, const ConsoleFormat& format) {
  const auto [width, rule] = name_column(format);
  const auto row = [&](std::string_view method, std::string_view name, const EntryCounts& counts) {
    return stats_row(method, name, counts,
                     period == RatesOver::whole_run ? statistics.total_rates(counts) : statistics.current_rates(counts),
                     format);
  };
  const std::string separator = line(type_width) + "|" + line(rule) + "|" + line(7) + "|" + line(13) + "|" + line(7) +
                                "|" + line(7) + "|" + line(7) + "|" + line(7) + "|" + line(8) + "|" + line(11) + "\n";
  std::string table = left("Type", type_width) + " " + left("Name", width) +
                      "  # reqs      # fails |    Avg     Min     Max    Med |   req/s  failures/s\n" + separator;
  for (const auto& [key, counts] : statistics.entries()) table += row(key.second, key.first, counts);
  return table + separator + row("", "Aggregated", statistics.total()) + "\n";
}

std::string percentile_table(const RunningStatistics& statistics, const ConsoleFormat& format) {
  std::string header = left("Type", type_width) + " " + left("Name", format.name_width) + " ";
  std::string separator = line(type_width) + "|" + line(format.name_width) + "|" + line(8);
  for (const auto& [fraction, label] : percentiles) {
    header += right(label, fraction == percentiles.front().first ? 8 : 6) + " ";
    separator += "|" + line(6);
  }
  separator += "\n";
  std::string table = "Response time percentiles (approximated)\n" + header + "# reqs\n" + separator;
  for (const auto& [key, counts] : statistics.entries()) {
    if (counts.timed()) table += percentile_row(key.second, key.first, counts, format);
  }
  table += separator;
  if (statistics.total().timed()) table += percentile_row("", "Aggregated", statistics.total(), format);
  return table + "\n";
}

std::string error_report(const RunningStatistics& statistics, const ConsoleFormat& format) {
  if (statistics.errors().empty()) return {};
  const std::string separator = line(18) + "|" + line(61 + format.name_width) + "\n";
  std::string report = "Error report\n" + left("# occurrences", 18) + " " + left("Error", 100) + "\n" + separator;
  for (const RunningStatistics::Error& error : statistics.errors()) {
    const RequestKey& request = *error.key->request;
    std::string text = request.method + " " + request.name + ": ";
    text += unwrap(error.key->text);
    report += left(std::to_string(error.counts.occurrences), 18) + " " + left(text, 100) + "\n";
  }
  return report + separator + "\n";
}

std::string final_summary(const RunningStatistics& statistics, const ConsoleFormat& format) {
  return stats_table(statistics, RatesOver::whole_run, format) + percentile_table(statistics, format) +
         error_report(statistics, format);
}

std::size_t name_width_for(std::size_t terminal_columns) {
  return std::min<std::size_t>(terminal_columns - std::min<std::size_t>(terminal_columns, 80), 80);
}

std::size_t terminal_name_width(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return 80;
  return name_width_for(size.ws_col);
}

}  // namespace katydid
