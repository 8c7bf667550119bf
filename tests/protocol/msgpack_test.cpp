#include "protocol/msgpack.hpp"

#include "protocol/codec.hpp"
#include "tests/support/error_of.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace katydid;
using namespace katydid::protocol;
using namespace std::string_literals;

namespace {

std::string error_of(std::string_view bytes) {
  return test::error_of([&] { unpack(bytes); });
}

std::string nested(std::size_t levels) { return std::string(levels, '\x91') + '\xc0'; }

}  // namespace

// The bytes are those of Python's msgpack.packb.
TEST_CASE("values take Python's forms") {
  CHECK(pack(nullptr) == "\xc0");
  CHECK(pack(true) == "\xc3");
  CHECK(pack(127) == "\x7f");
  CHECK(pack(128) == "\xcc\x80");
  CHECK(pack(256) == "\xcd\x01\x00"s);
  CHECK(pack(65536) == "\xce\x00\x01\x00\x00"s);
  CHECK(pack(std::int64_t{1} << 32) == "\xcf\x00\x00\x00\x01\x00\x00\x00\x00"s);
  CHECK(pack(UINT64_MAX) == "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
  CHECK(pack(-1) == "\xff");
  CHECK(pack(-33) == "\xd0\xdf");
  CHECK(pack(INT64_MIN) == "\xd3\x80\x00\x00\x00\x00\x00\x00\x00"s);
  CHECK(pack(1.0) == "\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00"s);
  CHECK(pack(-0.5) == "\xcb\xbf\xe0\x00\x00\x00\x00\x00\x00"s);
  CHECK(pack("abc") ==
        "\xa3"
        "abc");
  CHECK(pack(Binary("\x01")) == "\xc4\x01\x01");
  CHECK(pack(Value::array(1, "a")) ==
        "\x92\x01\xa1"
        "a");
  CHECK(pack(Value{{"a", 1}}) ==
        "\x81\xa1"
        "a\x01");
}

TEST_CASE("text is always valid UTF-8") {
  CHECK(unpack(pack("a\xff")) == "a\xEF\xBF\xBD");
  CHECK(unpack(pack(Value{{"\xC3", "\xED\xA0\x80"}})) ==
        Value{{"\xEF\xBF\xBD", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"}});
  CHECK(unpack(pack(Binary("\xff"))) == Binary("\xff"));
}

TEST_CASE("what Python never sends is understood all the same") {
  CHECK(unpack("\xca\x3f\x80\x00\x00"s) == 1.0);                // float32
  CHECK(unpack("\xd3\x00\x00\x00\x00\x00\x00\x00\x05"s) == 5);  // a long form of a small number
  CHECK(unpack("\xd4\x05\x2a") == Binary("\x2a"));              // an extension type
  CHECK(unpack("\xc7\x00\x05"s) == Binary(""));                 // an empty one
}

TEST_CASE("what is no msgpack is told with the place") {
  CHECK(error_of("") == "cut off at byte 0");
  CHECK(error_of("\x92\x01") == "cut off at byte 2");
  CHECK(error_of("\xa5"
                 "abc")
            .starts_with("cut off at byte "));
  CHECK(error_of("\xc1") == "no msgpack at byte 0");
  CHECK(error_of("\x01\x02") == "more bytes after the message, at byte 1");
}

TEST_CASE("nesting is bounded") {
  CHECK(unpack(nested(Limits::depth)).is_array());
  CHECK(error_of(nested(Limits::depth + 1)) == "nested deeper than 64 levels");
  CHECK(error_of(nested(1'000'000)) == "nested deeper than 64 levels");
  std::string objects;
  for (std::size_t i = 0; i <= Limits::depth; ++i) objects += "\x81\x01";
  CHECK(error_of(objects + "\x01") == "nested deeper than 64 levels");
}

TEST_CASE("a key is no array and no object, as msgpack.loads has it") {
  CHECK(error_of("\x81\x91\x01\x02") == "an array or an object as a key, which Python can't hash");
  CHECK(error_of(std::string(30, '\x81') + std::string(31, '\x01')) ==
        "an array or an object as a key, which Python can't hash");
  CHECK(unpack("\x82\x01\x81\x02\x03\x04\x90").dump() == R"({"1":{"2":3},"4":[]})");
}

TEST_CASE("a header that promises too much is refused before it costs memory") {
  CHECK(error_of("\xdd\xff\xff\xff\xff") == "more than 1048576 values");
  CHECK(error_of("\xdf\x00\x08\x00\x01"s) == "more than 1048576 values");
  CHECK(error_of("\xdd\x00\x10\x00\x00"s) == "cut off at byte 5");
  std::string many;
  for (int i = 0; i < 60; ++i) many += "\xdd\x00\x08\x00\x00"s;
  CHECK(error_of(many) == "more than 1048576 values");
  CHECK(error_of("\xdb\xff\xff\xff\xff").starts_with("cut off"));
  CHECK(error_of("\xc6\xff\xff\xff\xff").starts_with("cut off"));
  CHECK(error_of("\xc9\xff\xff\xff\xff\x01") != "nothing was thrown");
}

TEST_CASE("the size of a frame is bounded") {
  std::string frame = "\xc6\x04\x00\x00\x00"s + std::string(Limits::frame_bytes, 'x');
  CHECK(error_of(frame) == "67108869 bytes are more than the 67108864 that are read");
}
