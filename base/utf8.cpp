#include "base/utf8.hpp"

#include <cstdint>

namespace katydid {
namespace {

struct Sequence {
  std::size_t length = 1;
  bool valid = false;
};

/// Looks at the character that starts the text: its length, or that of the broken part to replace as one.
Sequence first_sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {1, true};
  if (lead < 0xC2 || lead > 0xF4) return {1, false};
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte's range is what excludes overlong forms, surrogates and everything above U+10FFFF.
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  for (std::size_t i = 1; i < length; ++i) {
    if (i == text.size() || byte(i) < low || byte(i) > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true};
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    if (static_cast<std::uint8_t>(text[position]) < 0x80) {
      ++position;
      continue;
    }
    const Sequence next = first_sequence(text.substr(position));
    if (!next.valid) break;
    position += next.length;
  }
  return position;
}

std::string valid_utf8(std::string_view text) {
  std::string result;
  for (;;) {
    const std::size_t good = valid_utf8_prefix(text);
    result.append(text.substr(0, good));
    text.remove_prefix(good);
    if (text.empty()) return result;
    result += "\xEF\xBF\xBD";
    text.remove_prefix(first_sequence(text).length);
  }
}

}  // namespace katydid
