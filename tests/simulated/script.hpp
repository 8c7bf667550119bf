#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace katydid::simulated {

/// Something that happens to the worker, its master or the network, at that time after the start.
struct Happening {
  std::chrono::milliseconds at{};
  std::string what;
  std::map<std::string, std::int64_t> with{};

  std::int64_t value(const std::string& name) const { return with.at(name); }
  std::chrono::milliseconds time(const std::string& name) const { return std::chrono::milliseconds(with.at(name)); }
  bool operator==(const Happening&) const = default;
};

/// All that happens in a simulated world, in order. It is the whole of its chance: a script gives the same world each
/// time, and one that is shorter gives the same world without what is missing.
using Script = std::vector<Happening>;

/// One happening a line: "12.500 swarm rate=5 users=10". Times are seconds there, and milliseconds in values.
std::string to_text(const Script& script);
/// Lines that are empty or begin with # say nothing. Throws std::invalid_argument, with the line, for what no world
/// knows: another word, a value too much or one that is missing, or one beyond its bounds.
Script script_from(std::string_view text);

/// The script of that seed: of up to ten minutes.
Script random_script(std::uint64_t seed);

}  // namespace katydid::simulated
