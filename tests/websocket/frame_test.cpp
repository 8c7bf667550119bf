#include "websocket/frame.hpp"

#include "websocket/utf8_check.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <set>
#include <string>

using namespace katydid;

namespace {

std::uint32_t key_of(std::string_view bytes) {
  std::uint32_t key = 0;
  std::memcpy(&key, bytes.data(), sizeof key);
  return key;
}

}  // namespace

TEST_CASE("a frame is written as RFC 6455, 5.7 shows it") {
  std::string out;
  append_frame(out, {.opcode = Opcode::text}, "Hello", key_of("\x37\xfa\x21\x3d"));
  CHECK(out == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
}

TEST_CASE("lengths are written as short as they can be") {
  for (const auto& [size, header] :
       {std::pair<std::size_t, std::size_t>{0, 6}, {125, 6}, {126, 8}, {65535, 8}, {65536, 14}}) {
    CAPTURE(size);
    const std::string payload(size, 'x');
    std::string out = "before";
    append_frame(out, {.opcode = Opcode::binary, .last = false, .compressed = true}, payload, key_of("abcd"));
    REQUIRE(out.size() == 6 + header + size);
    CHECK(static_cast<unsigned char>(out[6]) == 0x42);
    std::string unmasked = out.substr(6 + header);
    apply_mask(unmasked.data(), unmasked.size(), key_of("abcd"));
    CHECK(unmasked == payload);
  }
}

TEST_CASE("masking is the same for every length and place") {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string bytes(size, '\0');
    apply_mask(bytes.data(), size, key_of("\x01\x02\x03\x04"));
    for (std::size_t i = 0; i < size; ++i) CHECK(bytes[i] == static_cast<char>(i % 4 + 1));
  }
}

TEST_CASE("each frame has a key of its own") {
  std::set<std::uint32_t> keys;
  for (int i = 0; i < 1000; ++i) keys.insert(next_masking_key());
  CHECK(keys.size() > 990);
}

TEST_CASE("codes of a close") {
  for (int code : {1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999})
    CHECK(may_be_sent(static_cast<std::uint16_t>(code)));
  for (int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535})
    CHECK_FALSE(may_be_sent(static_cast<std::uint16_t>(code)));
  CHECK(close_payload(1000, "bye") == std::string("\x03\xe8"
                                                  "bye"));
  CHECK(close_payload(close_code::none, "").empty());
}

TEST_CASE("UTF-8 in pieces is judged as in one, and as early as can be") {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\xa6\x97\xf4\x8f\xbf\xbfz";
  for (std::size_t first = 0; first <= text.size(); ++first) {
    for (std::size_t second = first; second <= text.size(); ++second) {
      Utf8Check check;
      CHECK(check.feed(text.substr(0, first)));
      CHECK(check.feed(text.substr(first, second - first)));
      CHECK(check.feed(text.substr(second)));
      CHECK(check.may_end_here());
    }
  }
  for (const std::string bad :
       {"\xc0", "\xc1\x80", "\xe0\x80", "\xed\xa0", "\xf0\x8f", "\xf4\x90", "\xf5", "\x80", "\xc3(", "\xff"}) {
    CAPTURE(bad);
    Utf8Check whole;
    CHECK_FALSE(whole.feed("ok" + bad));
    Utf8Check bytes;
    bool good = true;
    for (char each : bad) good = good && bytes.feed({&each, 1});
    CHECK_FALSE(good);
  }
  for (const std::string part : {"\xc3", "\xe2\x82", "\xf0\x9f\xa6", "\xf4\x8f"}) {
    Utf8Check check;
    CHECK(check.feed(part));
    CHECK_FALSE(check.may_end_here());
  }
}
