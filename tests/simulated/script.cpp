#include "tests/simulated/script.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <random>
#include <sstream>
#include <stdexcept>

namespace katydid::simulated {
namespace {

struct Range {
  std::int64_t least, most;
};

struct Kind {
  int weight;  // of the chance that it happens; 0: at the beginning only
  std::map<std::string, Range> values;
};

/// All that can happen. Times are milliseconds.
const std::map<std::string, Kind> kinds = {
    // How this world is, said before anything happens.
    {"world", {0, {{"shards", {1, 3}}, {"stop_timeout", {0, 8}}, {"forever", {0, 1}}, {"rebalancing", {0, 1}}}}},
    // Whoever sits at the web interface.
    {"swarm", {14, {{"users", {0, 30}}, {"rate", {1, 30}}}}},
    {"stop", {10, {}}},
    // The master: it ends in good order or not, and another one comes, whose clock may be behind.
    {"quit_master", {1, {{"back_after", {600, 20'000}}, {"clock_behind", {0, 5'000}}}}},
    {"kill_master", {3, {{"back_after", {50, 90'000}}, {"clock_behind", {0, 5'000}}}}},
    {"stall_master", {3, {{"for", {100, 70'000}}}}},
    {"reconnect", {2, {}}},
    {"garbage", {1, {}}},
    // Another worker.
    {"join_other", {3, {}}},
    {"leave_other", {3, {}}},
    // The network. `master_late`: how much later the master notices that a connection has ended.
    {"latency", {3, {{"is", {0, 1'500}}}}},
    {"break", {5, {{"for", {0, 20'000}}, {"master_late", {0, 35'000}}}}},
    {"vanish", {3, {{"for", {100, 150'000}}}}},
    {"fill_queue", {3, {{"for", {50, 8'000}}}}},
    // This worker.
    {"signal", {1, {}}},
    {"block", {3, {{"shard", {0, 2}}, {"for", {10, 9'000}}}}},
    {"users_take", {4, {{"task", {0, 12'000}}, {"request", {0, 2'000}}, {"on_stop", {0, 7'000}}}}},
    {"hooks_take", {2, {{"start", {0, 3'000}}, {"stop", {0, 3'000}}}}},
};

[[noreturn]] void refuse(const std::string& line, const std::string& why) {
  throw std::invalid_argument("a script's line \"" + line + "\": " + why);
}

std::int64_t integer(const std::string& line, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) refuse(line, "no number: " + std::string(text));
  return number;
}

std::chrono::milliseconds time_from(const std::string& line, const std::string& text) {
  const auto point = text.find('.');
  if (point == std::string::npos || text.size() - point != 4) refuse(line, "it begins with a time, as 12.500");
  const auto seconds = integer(line, std::string_view(text).substr(0, point));
  const auto thousandths = integer(line, std::string_view(text).substr(point + 1));
  if (seconds < 0 || seconds > 100'000 || thousandths < 0) refuse(line, "no time: " + text);
  return std::chrono::milliseconds(seconds * 1000 + thousandths);
}

Happening happening_from(const std::string& line) {
  std::istringstream words(line);
  std::string time;
  Happening happening;
  words >> time >> happening.what;
  happening.at = time_from(line, time);
  const auto kind = kinds.find(happening.what);
  if (kind == kinds.end()) refuse(line, "nothing of that name can happen: " + happening.what);
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    const auto range = kind->second.values.find(word.substr(0, equals));
    if (equals == std::string::npos || range == kind->second.values.end()) refuse(line, "it has no value " + word);
    const std::int64_t value = integer(line, std::string_view(word).substr(equals + 1));
    if (value < range->second.least || value > range->second.most) refuse(line, "out of bounds: " + word);
    happening.with[range->first] = value;
  }
  for (const auto& [name, range] : kind->second.values) {
    if (!happening.with.contains(name)) refuse(line, "it lacks " + name);
  }
  return happening;
}

}  // namespace

std::string to_text(const Script& script) {
  std::string text;
  for (const Happening& each : script) {
    char time[32];
    std::snprintf(time, sizeof time, "%lld.%03lld", static_cast<long long>(each.at.count() / 1000),
                  static_cast<long long>(each.at.count() % 1000));
    text.append(time).append(" ").append(each.what);
    for (const auto& [name, value] : each.with) text.append(" ").append(name).append("=").append(std::to_string(value));
    text.append("\n");
  }
  return text;
}

Script script_from(std::string_view text) {
  Script script;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    script.push_back(happening_from(line));
    if (script.size() > 1 && script[script.size() - 2].at > script.back().at) refuse(line, "it comes too late");
  }
  return script;
}

Script random_script(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto number = [&](std::int64_t least, std::int64_t most) {
    return least + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most - least + 1));
  };
  // Short times are as likely as long ones: many faults need two things at almost the same moment.
  const auto skewed = [&](const Range& range) {
    const std::int64_t size = range.most - range.least;
    std::int64_t most = size;
    for (auto halvings = size > 100 ? number(0, 8) : 0; halvings > 0; --halvings) most /= 2;
    return range.least + number(0, most);
  };
  const auto filled = [&](const std::string& what, std::int64_t at) {
    Happening happening{.at = std::chrono::milliseconds(at), .what = what};
    for (const auto& [name, range] : kinds.at(what).values) happening.with[name] = skewed(range);
    return happening;
  };
  int sum = 0;
  for (const auto& [what, kind] : kinds) sum += kind.weight;

  Script script{filled("world", 0)};
  const auto length = number(2, 40);
  const std::int64_t longest_pause = std::int64_t{500} << number(0, 6);
  std::int64_t at = number(0, 8'000);
  for (std::int64_t i = 0; i < length; ++i) {
    auto left = static_cast<int>(number(0, sum - 1));
    for (const auto& [what, kind] : kinds) {
      left -= kind.weight;
      if (left >= 0) continue;
      script.push_back(filled(what, at));
      break;
    }
    at += skewed({0, longest_pause});
  }
  return script;
}

}  // namespace katydid::simulated
