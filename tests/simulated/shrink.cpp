#include "tests/simulated/world.hpp"

#include <algorithm>
#include <iterator>

namespace katydid::simulated {
namespace {

/// What is wrong, without when and how much of it.
std::string kind_of(const Script& script) {
  std::string text = run_world(script).wrong.value_or("");
  std::erase_if(text, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  return text;
}

/// Leaves out `size` at a time, wherever that changes nothing. What the world is like stays.
bool leave_out(Script& script, const std::string& kind, std::size_t size) {
  bool shorter = false;
  for (std::size_t at = 1; at < script.size();) {
    Script without = script;
    const auto first = without.begin() + static_cast<std::ptrdiff_t>(at);
    without.erase(first, first + static_cast<std::ptrdiff_t>(std::min(size, without.size() - at)));
    if (kind_of(without) == kind) {
      script = std::move(without);
      shorter = true;
    } else {
      at += size;
    }
  }
  return shorter;
}

/// Tries 0 (or what is the least), then halves, then rounder numbers.
bool make_small(Script& script, const std::string& kind, std::size_t index, const std::string& name) {
  const std::int64_t value = script[index].with.at(name);
  for (const std::int64_t smaller :
       {std::int64_t{0}, std::int64_t{1}, value / 2, value / 1000 * 1000, value / 100 * 100}) {
    if (smaller >= value) continue;
    Script simpler = script;
    simpler[index].with[name] = smaller;
    try {
      simpler = script_from(to_text(simpler));  // within its bounds
    } catch (const std::exception&) {
      continue;
    }
    if (kind_of(simpler) != kind) continue;
    script = std::move(simpler);
    return true;
  }
  return false;
}

/// The same with the time of one happening and of all after it.
bool make_early(Script& script, const std::string& kind, std::size_t index) {
  const auto before = script[index - 1].at, at = script[index].at;
  for (const auto earlier : {before, before + (at - before) / 2, at / 1000 * 1000, at / 100 * 100}) {
    if (earlier >= at || earlier < before) continue;
    Script simpler = script;
    for (std::size_t i = index; i < simpler.size(); ++i) simpler[i].at -= at - earlier;
    if (kind_of(simpler) != kind) continue;
    script = std::move(simpler);
    return true;
  }
  return false;
}

}  // namespace

Script shrink(Script script) {
  const std::string kind = kind_of(script);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t size = script.size() / 2; size > 0; size /= 2) changed |= leave_out(script, kind, size);
    for (std::size_t i = 0; i < script.size(); ++i) {
      const auto values = script[i].with;
      for (const auto& [name, value] : values) changed |= make_small(script, kind, i, name);
      if (i > 0) changed |= make_early(script, kind, i);
    }
  }
  return script;
}

}  // namespace katydid::simulated
