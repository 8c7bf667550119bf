#include "protocol/message.hpp"

#include <algorithm>
#include <array>

namespace katydid::protocol {
namespace {

constexpr std::array<std::string_view, 7> state_words = {"ready",    "spawning", "running", "cleanup",
                                                         "stopping", "stopped",  "missing"};

}  // namespace

std::string_view to_string(State state) { return state_words.at(static_cast<std::size_t>(state)); }

std::optional<State> state_from(std::string_view word) {
  const auto found = std::ranges::find(state_words, word);
  if (found == state_words.end()) return std::nullopt;
  return static_cast<State>(found - state_words.begin());
}

}  // namespace katydid::protocol
