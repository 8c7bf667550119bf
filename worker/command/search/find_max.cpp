#include "worker/command/search/find_max.hpp"

#include "base/bad_value.hpp"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

namespace katydid {
namespace {

/// Of the tasks that were due: fewer are a matter of chance.
constexpr double tolerated_drops = 0.005;

std::string shown(double rate) {
  std::array<char, 32> buffer;
  const int size = std::snprintf(buffer.data(), buffer.size(), rate < 100 ? "%.3g" : "%.0f", rate);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

}  // namespace

std::vector<Threshold> parse_requirements(std::string_view text) {
  std::vector<Threshold> parsed;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ',';
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c != ',' || (depth > 0 && i < text.size())) continue;
    parsed.push_back(Threshold::parse_requirement(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  return parsed;
}

FindMax::FindMax(FindMaxOptions options, double start)
    : options_(std::move(options)), start_(start), search_({.start = start}) {}

std::optional<std::string> FindMax::too_many_dropped() const {
  const auto dropped = static_cast<double>(dropped_.total());
  const double due = search_.rate() * std::chrono::duration<double>(measuring()).count();
  if (dropped <= due * tolerated_drops) return std::nullopt;
  return shown(dropped) + " of " + shown(due) + " tasks were dropped, as no user was free";
}

std::optional<std::string> FindMax::broken() const {
  for (const Threshold& requirement : options_.requirements) {
    if (auto why = requirement.broken_by(*measured_, true)) return why;
  }
  return too_many_dropped();
}

std::string FindMax::end_step() {
  const double rate = search_.rate(), failed_before = search_.failed();
  const auto why = broken();
  measured_.reset();
  search_.take(!why);
  if (why && search_.failed() <= failed_before) reason_ = *why;
  return shown(rate) + " tasks/s: " + why.value_or("all requirements hold");
}

std::string FindMax::finding() const {
  const std::string failed = std::isfinite(search_.failed()) ? shown(search_.failed()) : "";
  if (!found()) {
    if (failed.empty()) return "no step was measured to its end";
    return "no rate held; the lowest that was tried is " + failed + " tasks/s (" + reason_ + ")";
  }
  std::string text = shown(search_.held()) + " tasks/s is the highest rate that held, in " +
                     std::to_string(search_.held_times()) + " steps of " + std::to_string(search_.held_times());
  if (failed.empty()) return text + "; no rate was found that did not";
  text.append("; ").append(failed).append(" did not, in ").append(std::to_string(search_.failed_times()));
  return text.append(" (").append(reason_).append("). The limit lies between them");
}

}  // namespace katydid
