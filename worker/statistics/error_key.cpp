#include "worker/statistics/error_key.hpp"

#include "base/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

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
  return c >= 0x20 && std::ranges::none_of(unprintable, [c](Range r) { return r.first <= c && c <= r.last; });
}

/// The character that `text` starts with, and its length in bytes; `text` is valid UTF-8, as the statistics keep it.
std::pair<std::uint32_t, std::size_t> first_of(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t size = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : byte(0) < 0xf0 ? 3 : 4;
  if (size == 1 || size > text.size()) return {byte(0), 1};
  std::uint32_t c = byte(0) & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) c = c << 6 | (byte(i) & 0x3fU);
  return {c, size};
}

}  // namespace

std::string python_repr(std::string_view utf8) {
  const bool single = utf8.find('\'') == utf8.npos || utf8.find('"') != utf8.npos;
  const char quote = single ? '\'' : '"';
  std::string out(1, quote);
  while (!utf8.empty()) {
    const auto [c, size] = first_of(utf8);
    if (c == static_cast<unsigned char>(quote) || c == '\\') {
      (out += '\\') += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (printable(c)) {
      out += utf8.substr(0, size);
    } else if (c <= 0xff) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", c);
    } else if (c <= 0xffff) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", c);
    } else {
      fmt::format_to(std::back_inserter(out), "\\U{:08x}", c);
    }
    utf8.remove_prefix(size);
  }
  return out += quote;
}

std::string error_key(std::string_view method, std::string_view name, std::string_view error) {
  return Digest().add_bytes(method).add_bytes(".").add_bytes(name).add_bytes(".").add_bytes(python_repr(error)).hex();
}

}  // namespace katydid
