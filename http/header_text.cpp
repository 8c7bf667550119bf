#include "http/header_text.hpp"

#include <array>
#include <cstdint>
#include <cstring>

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

/// Whether any byte is below 0x20 or is 0x7f: eight at a time, exact, as high bits are left out of the sums.
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
  for (; end - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    if (may_hold_control(word) && any_of(at, at + 8)) return true;  // or it was a tab
  }
  return any_of(at, end);
}

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

void unfold(std::string& block) {
  for (auto at = block.find("\r\n"); at != block.npos; at = block.find("\r\n", at + 2)) {
    if (at + 2 < block.size() && (block[at + 2] == ' ' || block[at + 2] == '\t')) block[at] = block[at + 1] = ' ';
  }
}

}  // namespace katydid
