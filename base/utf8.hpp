#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace katydid {

/// The text with every byte sequence that is not UTF-8 replaced by U+FFFD, one for each maximal part, as Python's and
/// the browsers' decoders do. Overlong forms and surrogates are not UTF-8.
std::string valid_utf8(std::string_view text);

/// The length of the longest valid prefix; text.size() when all of it is valid.
std::size_t valid_utf8_prefix(std::string_view text);

struct Utf8Character {
  std::size_t length = 1;  // in bytes; of a broken one, what is to be replaced as one
  bool valid = false;
  std::uint32_t code = 0;  // only of a valid one
};

/// The character that the text, which is not empty, starts with.
Utf8Character first_character(std::string_view text);

}  // namespace katydid
