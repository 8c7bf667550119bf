#include "http/header_text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace katydid;

namespace {

// As the words are: one byte at a time.
bool holds_control(const std::string& text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return true;
  }
  return false;
}

bool is_letter(int byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

bool same_letter(int a, int b) { return a == b || (is_letter(a) && is_letter(b) && (a | 0x20) == (b | 0x20)); }

}  // namespace

TEST_CASE("Names are the same when all of their letters are, in either case, wherever they stand") {
  for (std::size_t size = 1; size <= 25; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string a(size, 'x'), b(size, 'X');
      int wrong = 0;
      for (int left = 0; left < 256; ++left) {
        for (int right = 0; right < 256; ++right) {
          a[at] = static_cast<char>(left);
          b[at] = static_cast<char>(right);
          wrong += same_name(a, b) != same_letter(left, right);
        }
      }
      CAPTURE(size);
      CAPTURE(at);
      CHECK(wrong == 0);
    }
  }
  CHECK(same_name("", ""));
  CHECK_FALSE(same_name("Content-Length", "Content-Lengt"));
}

TEST_CASE("A control character is found wherever it stands, and a tab is none") {
  for (std::size_t size = 1; size <= 25; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char around : {'x', '\t', '\xff', '~'}) {
        std::string text(size, around);
        int wrong = 0;
        for (int byte = 0; byte < 256; ++byte) {
          text[at] = static_cast<char>(byte);
          wrong += has_control(text) != holds_control(text);
        }
        CAPTURE(size);
        CAPTURE(at);
        CHECK(wrong == 0);
      }
    }
  }
  CHECK_FALSE(has_control(""));
}
