#include "http/header_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace katydid {
namespace {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr auto is_token_char = make_token_table();

constexpr bool is_control(unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr std::uint64_t every_byte(unsigned char c) { return 0x0101010101010101U * c; }

std::uint64_t word_at(const char* text) {
  std::uint64_t word;
  std::memcpy(&word, text, sizeof word);
  return word;
}

/// Eight bytes at a time, here and below: exact, as high bits are left out of the sums.
std::uint64_t lower(std::uint64_t word) {
  const std::uint64_t low = word & every_byte(0x7f);
  const std::uint64_t from_a = low + every_byte(0x80 - 'A');
  const std::uint64_t beyond_z = low + every_byte(0x7f - 'Z');
  return word | ((from_a & ~beyond_z & ~word & every_byte(0x80)) >> 2);
}

/// Whether any byte is below 0x20 or is 0x7f.
bool may_hold_control(std::uint64_t word) {
  const std::uint64_t low = word & every_byte(0x7f);
  const std::uint64_t below_blank = ~(low + every_byte(0x7f - 0x1f)) & ~word;
  const std::uint64_t is_delete = (low + every_byte(1)) & ~word;
  return ((below_blank | is_delete) & every_byte(0x80)) != 0;
}

}  // namespace

std::size_t token_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && is_token_char[static_cast<unsigned char>(text[length])]) ++length;
  return length;
}

bool has_control(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  const auto any_of = [](const char* from, const char* to) {
    for (; from != to; ++from) {
      if (is_control(static_cast<unsigned char>(*from))) return true;
    }
    return false;
  };
  if (text.size() < 8) return any_of(at, end);
  const auto word_holds_one = [&](const char* word) {
    return may_hold_control(word_at(word)) && any_of(word, word + 8);  // or it was a tab
  };
  for (; end - at > 8; at += 8) {
    if (word_holds_one(at)) return true;
  }
  return word_holds_one(end - 8);
}

bool same_letters(std::string_view a, std::string_view b) {
  const std::size_t size = a.size();
  if (size < 8) {
    for (std::size_t i = 0; i < size; ++i) {
      if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
  }
  const auto same_word = [&](std::size_t at) { return lower(word_at(a.data() + at)) == lower(word_at(b.data() + at)); };
  for (std::size_t at = 0; at + 8 < size; at += 8) {
    if (!same_word(at)) return false;
  }
  return same_word(size - 8);  // some of it for the second time
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void append_line(std::string& block, std::string_view line) {
  const bool is_folded = !block.empty() && !line.empty() && (line.front() == ' ' || line.front() == '\t');
  if (is_folded) {
    block.resize(block.size() - 2);  // its CRLF
    block.resize(block.find_last_not_of(" \t") + 1);
    line = trimmed(line);
    block += ' ';
  }
  block.append(line).append("\r\n");
}

void tidy_lines(std::string& block) {
  std::string tidy;
  tidy.reserve(block.size() + 2);
  for (std::string_view rest = block; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    append_line(tidy, line);
  }
  block = std::move(tidy);
}

}  // namespace katydid
