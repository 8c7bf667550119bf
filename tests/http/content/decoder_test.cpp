#include "http/content/decoder.hpp"

#include "http/content/brotli.hpp"

#include <doctest/doctest.h>
#include <zlib.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::string_literals;

namespace {

constexpr int gzip = MAX_WBITS + 16, zlib = MAX_WBITS, raw = -MAX_WBITS;
constexpr std::uint64_t no_limit = 1ULL << 40;

std::string compressed(std::string_view text, int window_bits) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// Ends early, with an error, or with the text.
std::string decode(ContentDecoder& decoder, std::string_view encoding, std::string_view bytes,
                   std::size_t piece = 1 << 20, std::uint64_t limit = no_limit) {
  decoder.start(encoding);
  std::string out;
  while (!bytes.empty()) {
    const auto size = std::min(piece, bytes.size());
    if (!decoder.feed(bytes.substr(0, size), out, limit)) return decoder.error();
    bytes.remove_prefix(size);
  }
  return decoder.finish() ? out : decoder.error();
}

std::string decode(std::string_view encoding, std::string_view bytes) {
  ContentDecoder decoder;
  return decode(decoder, encoding, bytes);
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919 % 10'007) + (i % 3 ? "," : "\n");
  return text;
}

/// "Katydid katydid katydid katydid katydid!\n", as the brotli library compresses it.
const std::string brotli_text = "Katydid katydid katydid katydid katydid!\n";
const std::string brotli_bytes =
    "\033\050\000\370\305\051\347\011\225\161\102\155\311\167\275\274\044\351\047\034\030\316\175\247\134\002"s;

}  // namespace

TEST_CASE("what was compressed comes out, whole and byte by byte") {
  ContentDecoder decoder;
  for (const auto& text : {""s, "x"s, "hello hello hello"s, long_text()}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{1000}, std::size_t{1} << 20}) {
      CAPTURE(text.size());
      CAPTURE(piece);
      CHECK((decode(decoder, "gzip", compressed(text, gzip), piece) == text));
      CHECK((decode(decoder, "x-gzip", compressed(text, gzip), piece) == text));
      CHECK((decode(decoder, "GZip", compressed(text, zlib), piece) == text));
      CHECK((decode(decoder, "deflate", compressed(text, zlib), piece) == text));
      CHECK((decode(decoder, "deflate", compressed(text, raw), piece) == text));
      CHECK((decode(decoder, "identity", text, piece) == text));
      CHECK((decode(decoder, "", text, piece) == text));
    }
  }
}

TEST_CASE("encodings are undone from the last to the first") {
  ContentDecoder decoder;
  const auto text = long_text();
  const auto both = compressed(compressed(text, gzip), zlib);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1} << 20}) {
    CHECK((decode(decoder, "gzip, deflate", both, piece) == text));
    CHECK((decode(decoder, " identity ,gzip,,\tdeflate\t,", both, piece) == text));
  }
  CHECK(decode(decoder, "deflate, gzip", both).starts_with("ContentDecodingError: "));

  decoder.start("gzip");
  decoder.add("deflate");
  std::string out;
  CHECK(decoder.feed(both, out, no_limit));
  CHECK(decoder.finish());
  CHECK((out == text));
}

TEST_CASE("no bytes are an empty body in every encoding") {
  for (const auto* encoding : {"gzip", "deflate", "br", "gzip, deflate", "bogus"}) {
    CAPTURE(std::string(encoding));
    CHECK(decode(encoding, "").empty());
  }
}

TEST_CASE("with an encoding that nobody knows the body stays as it came") {
  ContentDecoder decoder;
  const auto bytes = compressed("hello", gzip);
  for (const auto* encoding : {"none", "UTF-8", "aws-chunked", "compress", "gzip;q=1", "gzip, none", "none, gzip",
                               "gzip,none,gzip,gzip,gzip,gzip,gzip,gzip"}) {
    CAPTURE(std::string(encoding));
    CHECK((decode(decoder, encoding, bytes, 1) == bytes));
    CHECK_FALSE(decoder.unknown().empty());
    auto body = bytes;
    CHECK(decoder.decode(body, no_limit));
    CHECK((body == bytes));
  }
  CHECK(decode(decoder, "bogus", "12345", 2, 4).starts_with("BodyTooLarge: "));

  decoder.start_for("Content-Encoding: gzip\r\nX: y\r\ncontent-encoding: Odd \r\n");
  CHECK(decoder.unknown() == "Odd");
  decoder.start_for("Content-Encoding: gzip\r\nX: y\r\n");
  CHECK(decoder.unknown().empty());
  auto body = bytes;
  CHECK(decoder.decode(body, no_limit));
  CHECK(body == "hello");
}

TEST_CASE("too many encodings are an error, before any of them is tried") {
  CHECK(decode("gzip,gzip,gzip,gzip,gzip,gzip", "x") == "ContentDecodingError: more than 5 encodings one upon another");
}

TEST_CASE("a body that was cut off is an error wherever it was") {
  ContentDecoder decoder;
  for (const auto& [encoding, bytes] : {std::pair("gzip", compressed("hello hello hello", gzip)),
                                        std::pair("deflate", compressed("hello hello hello", zlib)),
                                        std::pair("deflate", compressed("hello hello hello", raw)),
                                        std::pair("gzip, deflate", compressed(compressed("hello", gzip), zlib))}) {
    for (std::size_t size = 1; size < bytes.size(); ++size) {
      CAPTURE(encoding);
      CAPTURE(size);
      const auto result = decode(decoder, encoding, std::string_view(bytes).substr(0, size));
      CHECK(result.starts_with("ContentDecodingError: the body ends in the middle of its "));
    }
  }
  const auto inner = compressed("hello", gzip);
  CHECK(decode("gzip, deflate", compressed(inner.substr(0, inner.size() - 1), zlib)) ==
        "ContentDecodingError: the body ends in the middle of its gzip data");
}

TEST_CASE("a body that is broken is an error that says how") {
  auto bytes = compressed("hello hello hello", gzip);
  bytes[bytes.size() - 5] ^= 1;
  CHECK(decode("gzip", bytes) ==
        "ContentDecodingError: the body is not what its Content-Encoding says, gzip: incorrect data check");
  CHECK(decode("gzip", "<html>") ==
        "ContentDecodingError: the body is not what its Content-Encoding says, gzip: incorrect header check");
  CHECK(decode("deflate", "<html>")
            .starts_with("ContentDecodingError: the body is not what its Content-Encoding says, deflate: "));
  const auto dictionary = "\x78\xbb\x00\x00\x00\x01\x00"s;
  CHECK(decode("deflate", dictionary).ends_with("deflate: it needs a dictionary"));
}

TEST_CASE("no byte that is flipped does more than fail") {
  ContentDecoder decoder;
  const auto whole = compressed(long_text().substr(0, 300), gzip);
  int failed = 0;
  for (std::size_t i = 0; i < whole.size() * 8; ++i) {
    auto bytes = whole;
    bytes[i / 8] = static_cast<char>(bytes[i / 8] ^ (1 << (i % 8)));
    if (decode(decoder, "gzip", bytes).starts_with("ContentDecodingError: ")) ++failed;
  }
  CHECK(failed > static_cast<int>(whole.size()) * 7);
  CHECK((decode(decoder, "gzip", whole) == long_text().substr(0, 300)));
}

TEST_CASE("gzip may have several members, and garbage after them") {
  ContentDecoder decoder;
  const auto one = compressed("one ", gzip), two = compressed("two", gzip);
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1} << 20}) {
    CAPTURE(piece);
    CHECK(decode(decoder, "gzip", one + two, piece) == "one two");
    CHECK(decode(decoder, "gzip", one + "garbage", piece) == "one ");
    CHECK(decode(decoder, "gzip", one + std::string(1000, '\0'), piece) == "one ");
    CHECK(decode(decoder, "gzip", one + "\x1f", piece) == "one ");
    CHECK(decode(decoder, "gzip", one + "\x1fgarbage", piece) == "one ");
    CHECK(decode(decoder, "gzip", one + two + "\x1f", piece) == "one two");
    CHECK(
        decode(decoder, "gzip", one + two.substr(0, 12), piece).starts_with("ContentDecodingError: the body ends in"));
    CHECK(decode(decoder, "gzip", one + "\x1f\x8bgarbage", piece).starts_with("ContentDecodingError: the body is not"));
    CHECK(decode(decoder, "deflate", compressed("one", zlib) + "garbage", piece) == "one");
    CHECK(decode(decoder, "deflate", compressed("one", raw) + "garbage", piece) == "one");
  }
}

TEST_CASE("a decompression bomb is stopped at the limit") {
  ContentDecoder decoder;
  const auto zeros = compressed(std::string(10'000'000, '\0'), gzip);
  REQUIRE(zeros.size() < 12'000);
  CHECK(decode(decoder, "gzip", zeros, 1 << 20, 1000) ==
        "BodyTooLarge: the answer has more than 1000 bytes (max_body)");
  CHECK(decode(decoder, "gzip", zeros, 1 << 20, 10'000'000).size() == 10'000'000);
  CHECK(decode(decoder, "gzip", zeros, 1 << 20, 9'999'999).starts_with("BodyTooLarge: "));

  // What bursts in between never gets into the body: here it would all be garbage after the inner stream.
  const auto hidden = compressed(compressed("small", gzip) + std::string(10'000'000, 'x'), gzip);
  CHECK(decode(decoder, "gzip, gzip", hidden, 1 << 20, 100'000).starts_with("BodyTooLarge: "));
  CHECK(decode(decoder, "gzip, gzip", hidden) == "small");

  std::string out(500, 'x');  // counts too
  decoder.start("identity");
  CHECK(decoder.feed("12345", out, 505));
  CHECK_FALSE(decoder.feed("6", out, 505));
}

TEST_CASE("a decoder starts anew after whatever it did before") {
  ContentDecoder decoder;
  CHECK(decode(decoder, "bogus", "x") == "x");
  decode(decoder, "deflate", compressed("hello", raw).substr(0, 3));
  decode(decoder, "gzip", "garbage");
  CHECK(decode(decoder, "gzip", compressed("hello", gzip)) == "hello");
  CHECK(decoder.error().empty());
  CHECK(decode(decoder, "deflate", compressed("hello", zlib)) == "hello");
}

TEST_CASE("Brotli is decoded where its library is") {
  if (!has_brotli()) {
    CHECK(decode("br", "x") == "x");
    return;
  }
  ContentDecoder decoder;
  CHECK(decode(decoder, "br", brotli_bytes) == brotli_text);
  CHECK(decode(decoder, "BR", brotli_bytes, 1) == brotli_text);
  CHECK(decode(decoder, "br", brotli_bytes + "garbage") == brotli_text);
  CHECK(decode(decoder, "br, gzip", compressed(brotli_bytes, gzip), 1) == brotli_text);
  CHECK(decode(decoder, "br", brotli_bytes, 1 << 20, 10).starts_with("BodyTooLarge: "));
  for (std::size_t size = 1; size < brotli_bytes.size(); ++size) {
    CHECK(decode(decoder, "br", brotli_bytes.substr(0, size)) ==
          "ContentDecodingError: the body ends in the middle of its br data");
  }
  CHECK(decode(decoder, "br", "\xff\xff\xff\xff\xff\xff\xff\xff")
            .starts_with("ContentDecodingError: the body is not what its Content-Encoding says, br: "));
}
