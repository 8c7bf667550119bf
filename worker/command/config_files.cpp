#include "worker/command/config_files.hpp"

#include "base/bad_value.hpp"
#include "worker/command/option_values.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

namespace katydid {
namespace {

constexpr std::size_t largest_file = 1 << 20;

std::string option_name(std::string_view key) {
  while (key.starts_with('-')) key.remove_prefix(1);
  std::string name(key);
  std::ranges::replace(name, '_', '-');
  return name;
}

[[noreturn]] void refuse(std::string_view name, std::size_t line, const std::string& why) {
  throw BadValue(std::string(name) + ", line " + std::to_string(line) + ": " + why);
}

/// Lines of a file with their numbers, joined where a list goes over several.
class Lines {
 public:
  Lines(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  bool next() {
    if (text_.empty()) return false;
    line_ = take();
    first_ = number_;
    const auto opening = line_.find_first_of("=:");
    const bool list = opening != line_.npos && stripped(std::string_view(line_).substr(opening + 1)).starts_with('[');
    while (list && line_.find(']') == line_.npos) {
      if (text_.empty()) refuse(name_, first_, "a list ends with ]");
      line_ += ' ';
      line_ += take();
    }
    return true;
  }
  std::string_view line() const { return line_; }
  std::size_t number() const { return first_; }

 private:
  /// Without its comment, as far as quotes let one begin.
  std::string take() {
    ++number_;
    const auto end = std::min(text_.find('\n'), text_.size());
    const std::string_view whole = stripped(text_.substr(0, end));
    text_.remove_prefix(std::min(end + 1, text_.size()));
    char quote = '\0';
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (quote != '\0') {
        if (whole[i] == quote) quote = '\0';
      } else if (whole[i] == '"' || whole[i] == '\'') {
        quote = whole[i];
      } else if (whole[i] == '#' && (i == 0 || whole[i - 1] == ' ' || whole[i - 1] == '\t')) {
        return std::string(stripped(whole.substr(0, i)));
      }
    }
    return std::string(whole);
  }

  std::string_view name_, text_;
  std::string line_;
  std::size_t number_ = 0, first_ = 0;
};

}  // namespace

ConfigValues parse_config(std::string_view name, std::string_view text) {
  const bool toml = name.ends_with(".toml");
  bool ours = !toml;
  ConfigValues values;
  for (Lines lines(name, text); lines.next();) {
    const std::string_view line = lines.line();
    if (line.empty() || line.front() == ';' || line == "---") continue;
    if (line.front() == '[') {
      if (toml) ours = line == "[tool.locust]";
      continue;
    }
    if (!ours) continue;
    const auto end = line.find_first_of(" \t=:");
    const std::string key = option_name(line.substr(0, end));
    if (key.empty()) refuse(name, lines.number(), "expected `option = value`");
    std::string_view value = end == line.npos ? std::string_view() : stripped(line.substr(end));
    if (!value.empty() && (value.front() == '=' || value.front() == ':')) value = stripped(value.substr(1));
    auto& stored = values[key];
    stored.clear();
    if (value.starts_with('[') && !is_json_object(value)) {
      stored = split_list(std::string(value));
    } else if (!value.empty()) {
      stored.emplace_back(unquoted(value));
    }
  }
  return values;
}

std::vector<std::string> default_config_files() {
  std::vector<std::string> names;
  if (const char* home = std::getenv("HOME"); home && *home) names.push_back(std::string(home) + "/.locust.conf");
  names.insert(names.end(), {"locust.conf", "pyproject.toml"});
  return names;
}

std::string read_config_file(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  if (!file) throw BadValue("'" + name + "' can't be read: " + std::strerror(errno));
  std::string text;
  for (char piece[4096]; text.size() <= largest_file && (file.read(piece, sizeof piece), file.gcount() > 0);)
    text.append(piece, static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_file) throw BadValue("'" + name + "' has more than 1 MiB, which is no configuration");
  return text;
}

}  // namespace katydid
