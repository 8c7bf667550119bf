#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace katydid {

/// Whether a text that comes in pieces is UTF-8. A piece may end within a character.
class Utf8Check {
 public:
  void start() { kept_ = 0; }
  /// False as soon as no text that begins so can be UTF-8.
  bool feed(std::string_view piece);
  /// No character is unfinished.
  bool may_end_here() const { return kept_ == 0; }

 private:
  bool finish_character(std::string_view& piece);

  std::array<char, 4> character_;  // the beginning of one
  std::size_t kept_ = 0;
};

}  // namespace katydid
