#include "worker/reports/live_view.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

namespace katydid::reports {
namespace {

std::string fixed(double value, int digits) {
  std::array<char, 64> buffer;
  const int length = std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return {buffer.data(), static_cast<std::size_t>(std::clamp(length, 0, 63))};
}

std::string time_text(std::chrono::nanoseconds time) {
  const double ms = std::chrono::duration<double, std::milli>(time).count();
  if (ms >= 10'000) return fixed(ms / 1'000, 1) + " s";
  if (ms >= 10 || ms == 0) return fixed(ms, 0) + " ms";
  return ms >= 1 ? fixed(ms, 1) + " ms" : fixed(ms * 1'000, 0) + " us";
}

std::string rate_text(double rate) { return fixed(rate, rate < 10 ? 1 : 0); }

std::string clock_text(std::chrono::nanoseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  const auto two = [](auto number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  const std::string minutes =
      seconds >= 3600 ? std::to_string(seconds / 3600) + ":" + two(seconds / 60 % 60) : std::to_string(seconds / 60);
  return minutes + ":" + two(seconds % 60);
}

/// Cut or filled to so many characters; a terminal is told nothing by them.
std::string cell(std::string_view text, std::size_t width, bool left) {
  std::string shown;
  std::size_t characters = 0;
  while (!text.empty() && characters < width) {
    const auto character = first_character(text);
    const bool control = character.code < 0x20 || (character.code >= 0x7F && character.code < 0xA0);
    shown += character.valid && !control ? text.substr(0, character.length) : std::string_view("?");
    text.remove_prefix(character.length);
    ++characters;
  }
  const std::string blanks(width - characters, ' ');
  return left ? shown + blanks : blanks + shown;
}

double failed_percent(const EntryCounts& counts) {
  if (counts.num_requests == 0) return 0;
  return 100 * static_cast<double>(counts.num_failures) / static_cast<double>(counts.num_requests);
}

constexpr std::size_t least_name_width = 12, counts_width = 9 + 8 + 9, time_width = 9;

/// Percentiles, as many as there is room for.
std::vector<std::pair<double, std::string_view>> shown_percentiles(std::size_t columns) {
  if (columns >= least_name_width + counts_width + 3 * time_width) return {{0.5, "50%"}, {0.95, "95%"}, {0.99, "99%"}};
  if (columns >= least_name_width + counts_width + 2 * time_width) return {{0.5, "50%"}, {0.95, "95%"}};
  return {{0.95, "95%"}};
}

}  // namespace

void LiveView::begin(WallTime start) {
  start_ = now_ = start;
  points_.clear();
}

void LiveView::look(const RunningStatistics& statistics, WallTime now, std::int64_t users) {
  const double seconds = std::chrono::duration<double>(now - now_).count();
  const std::uint64_t requests = statistics.total().num_requests;
  const std::uint64_t more = requests >= seen_ ? requests - seen_ : requests;  // --reset-stats
  if (seconds > 0) {
    const double p95 = std::chrono::duration<double, std::milli>(recent_.total().percentile(0.95)).count();
    points_.push_back({static_cast<double>(more) / seconds, p95});
  }
  if (points_.size() > max_points) points_.pop_front();
  seen_ = requests;
  now_ = now;
  users_ = users;
}

std::vector<std::string> LiveView::lines(const RunningStatistics& statistics, Size size) const {
  const std::size_t columns = std::max<std::size_t>(size.columns, 20), rows = size.rows / 2;
  std::vector<std::string> lines{cell(head(statistics), columns, true)};
  const auto most = [&](double Point::*member) {
    double largest = 0;
    for (const Point& point : points_) largest = std::max(largest, point.*member);
    return largest;
  };
  lines.push_back(chart("req/s", &Point::rate, rate_text(most(&Point::rate)), columns));
  const auto largest = std::chrono::nanoseconds(static_cast<std::int64_t>(most(&Point::p95) * 1e6));
  lines.push_back(chart("95%", &Point::p95, time_text(largest), columns));

  const std::size_t figures = counts_width + time_width * shown_percentiles(columns).size();
  const std::size_t name_width = columns > figures ? columns - figures : 0;
  std::string header = cell("", name_width, true) + "     reqs  failed    req/s";
  for (const auto& [fraction, name] : shown_percentiles(columns)) header += cell(name, time_width, false);
  lines.push_back(std::move(header));
  using Entry = std::pair<const std::pair<std::string, std::string>, EntryCounts>;
  std::vector<const Entry*> entries;
  for (const Entry& entry : statistics.entries()) entries.push_back(&entry);
  std::ranges::stable_sort(entries, std::ranges::greater(), [](const Entry* e) { return e->second.num_requests; });
  const std::size_t room = rows > lines.size() + 2 ? rows - lines.size() - 2 : 0;
  for (std::size_t i = 0; i < std::min(room, entries.size()); ++i) {
    const auto& [key, counts] = *entries[i];
    lines.push_back(row(key.second + " " + key.first, counts, recent_.of(key), statistics, columns));
  }
  if (entries.size() > room)
    lines.push_back(cell("and " + std::to_string(entries.size() - room) + " more names", columns, true));
  lines.push_back(row("Aggregated", statistics.total(), recent_.total(), statistics, columns));
  if (lines.size() > rows) lines.resize(rows);
  for (std::string& line : lines) line = cell(line, columns, true);
  return lines;
}

std::string LiveView::head(const RunningStatistics& statistics) const {
  const auto& total = statistics.total();
  const auto rates = statistics.current_rates(total);
  std::string text = clock_text(now_ - start_);
  if (facts_.run_time) text += " of " + clock_text(*facts_.run_time);
  text +=
      "  " + std::to_string(users_) + (users_ == 1 ? " user  " : " users  ") + rate_text(rates.requests) + " req/s  ";
  return text + fixed(failed_percent(total), 2) + "% failed  " + facts_.host;
}

std::string LiveView::chart(std::string_view title, double Point::*member, std::string_view most,
                            std::size_t columns) const {
  constexpr std::array<std::string_view, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr std::array<std::string_view, 8> signs{"_", ".", ":", "-", "=", "+", "*", "#"};
  const auto& steps = letters_ == Letters::unicode ? blocks : signs;
  std::string text = cell(title, 6, true);
  const std::string end = " max " + std::string(most);
  const std::size_t room = columns > text.size() + end.size() ? columns - text.size() - end.size() : 0;
  const std::size_t first = points_.size() - std::min(points_.size(), room);
  double largest = 0;
  for (const Point& point : points_) largest = std::max(largest, point.*member);
  for (std::size_t i = first; i < points_.size(); ++i) {
    const double share = largest > 0 ? points_[i].*member / largest : 0;
    text += steps[std::min<std::size_t>(7, static_cast<std::size_t>(std::lround(share * 7)))];
  }
  return text + end;
}

std::string LiveView::row(const std::string& title, const EntryCounts& counts, const Histogram& recent,
                          const RunningStatistics& statistics, std::size_t columns) const {
  const auto percentiles = shown_percentiles(columns);
  const std::size_t figures = counts_width + time_width * percentiles.size();
  std::string text = cell(title, columns > figures ? columns - figures : 0, true) +
                     cell(std::to_string(counts.num_requests), 9, false) +
                     cell(fixed(failed_percent(counts), 1) + "%", 8, false) +
                     cell(rate_text(statistics.current_rates(counts).requests), 9, false);
  for (const auto& [fraction, name] : percentiles)
    text += cell(time_text(recent.percentile(fraction)), time_width, false);
  return text;
}

}  // namespace katydid::reports
