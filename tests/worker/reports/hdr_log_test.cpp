#include "worker/reports/hdr_log.hpp"

#include "worker/statistics/rounding.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <cstdint>
#include <string>
#include <string_view>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

std::string from_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text.substr(0, text.find('='))) {
    held = held << 6 | static_cast<std::uint32_t>(digits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xFF);
  }
  return bytes;
}

std::string inflated(std::string_view bytes) {
  std::string out(10'000, '\0');
  uLongf size = out.size();
  const auto* const in = reinterpret_cast<const Bytef*>(bytes.data());
  REQUIRE(::uncompress(reinterpret_cast<Bytef*>(out.data()), &size, in, bytes.size()) == Z_OK);
  out.resize(size);
  return out;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    for (const int shift : {4, 0}) text += "0123456789abcdef"[static_cast<unsigned char>(c) >> shift & 15];
  }
  return text;
}

}  // namespace

TEST_CASE("the encoding is that of hdrhistogram 0.10.8") {
  Histogram times;
  const auto add = [&](std::chrono::nanoseconds time, std::uint64_t count) {
    times.add(slot_of(time, Rounding::fine), count);
  };
  add(0us, 1);
  add(7us, 3);
  add(2ms, 1);
  add(2100us, 1);
  add(150ms, 70'000);
  add(4s, 1);
  add(99s, 2);
  add(1h, 5);
  add(24h, 1);
  add(25h, 1);  // as a day
  const std::string bytes = from_base64(reports::hdr_encoded(times));
  CHECK(hex(bytes.substr(0, 4)) == "1c849314");
  CHECK(hex(bytes.substr(4, 4)) == hex(std::string("\0\0\0", 3) + static_cast<char>(bytes.size() - 8)));
  CHECK(hex(inflated(bytes.substr(8))) ==
        "1c8493130000001a00000000000000030000000000000001000000141dd760003ff0000000000000020b068f1f02910102ef61e0c50899"
        "4c0287490499530aa34904");
}

TEST_CASE("a second without a request has a histogram, too") {
  CHECK(hex(inflated(from_base64(reports::hdr_encoded({})).substr(8))) ==
        "1c8493130000000000000000000000030000000000000001000000141dd760003ff0000000000000");
}
