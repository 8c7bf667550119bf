#include "websocket/utf8_check.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace katydid {
namespace {

/// What more bytes could make a character of.
bool is_unfinished(std::string_view text) {
  const auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0xC2 || lead > 0xF4) return false;
  const Utf8Character first = first_character(text);
  return !first.valid && first.length == text.size();
}

}  // namespace

bool Utf8Check::feed(std::string_view piece) {
  if (kept_ > 0 && !finish_character(piece)) return false;
  if (piece.empty()) return true;
  piece.remove_prefix(valid_utf8_prefix(piece));
  if (piece.empty()) return true;
  if (piece.size() >= character_.size() || !is_unfinished(piece)) return false;
  kept_ = piece.copy(character_.data(), piece.size());
  return true;
}

/// Byte by byte, as each may be the one that breaks it.
bool Utf8Check::finish_character(std::string_view& piece) {
  while (kept_ > 0 && !piece.empty()) {
    character_[kept_++] = piece.front();
    piece.remove_prefix(1);
    const std::string_view text(character_.data(), kept_);
    if (first_character(text).valid) {
      kept_ = 0;
    } else if (!is_unfinished(text)) {
      return false;
    }
  }
  return true;
}

}  // namespace katydid
