#include "base/python_repr.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace katydid {
namespace {

struct Range {
  std::uint32_t first, last;
};

/// Separators, format and private characters.
constexpr std::array<Range, 13> unprintable{{{0x7f, 0xa0},
                                             {0xad, 0xad},
                                             {0x61c, 0x61c},
                                             {0x1680, 0x1680},
                                             {0x180e, 0x180e},
                                             {0x2000, 0x200f},
                                             {0x2028, 0x202f},
                                             {0x205f, 0x206f},
                                             {0x3000, 0x3000},
                                             {0xe000, 0xf8ff},
                                             {0xfeff, 0xfeff},
                                             {0xfff9, 0xfffb},
                                             {0xe0000, 0x10ffff}}};

bool printable(std::uint32_t c) {
  if (c < 0x7f) return c >= 0x20;
  return std::ranges::none_of(unprintable, [c](Range r) { return r.first <= c && c <= r.last; });
}

/// "\xa0", "\u200b" or "\U000e0001": with as many digits as the code point needs.
void append_escaped(std::string& out, std::uint32_t c) {
  const int digits = c <= 0xff ? 2 : c <= 0xffff ? 4 : 8;
  out += '\\';
  out += digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
  for (int i = digits - 1; i >= 0; --i) out += "0123456789abcdef"[c >> (4 * i) & 15U];
}

}  // namespace

std::string python_repr(std::string_view text) {
  const bool single = text.find('\'') == text.npos || text.find('"') != text.npos;
  const char quote = single ? '\'' : '"';
  std::string out(1, quote);
  while (!text.empty()) {
    const auto [length, valid, c] = first_character(text);
    if (valid && (c == static_cast<unsigned char>(quote) || c == '\\')) {
      (out += '\\') += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (!valid || printable(c)) {  // bytes that are no UTF-8 stay
      out += text.substr(0, length);
    } else {
      append_escaped(out, c);
    }
    text.remove_prefix(length);
  }
  return out += quote;
}

}  // namespace katydid
