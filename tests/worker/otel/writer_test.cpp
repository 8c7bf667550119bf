#include "worker/otel/writer.hpp"

#include "base/value.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>

using namespace katydid;
using namespace katydid::otel;
using namespace std::string_literals;

namespace {

constexpr std::array<std::uint8_t, 2> id{0xAB, 0x01};
constexpr std::array<std::uint64_t, 2> counts{1, 300};
constexpr std::array<double, 1> bounds{0.5};

std::string message(Format format) {
  const auto writer = Writer::make(format);
  writer->begin({1, "outer"});
  writer->text({2, "text"}, "a\"\xff");
  writer->begin_list({3, "items"});
  for (int i = 0; i < 2; ++i) {
    writer->begin({3, "items"});
    writer->choice({16, "kind"}, 3);
    writer->end();
  }
  writer->end_list();
  writer->end();
  writer->id({4, "id"}, id);
  writer->truth({5, "holds"});
  writer->integer({6, "whole"}, -1);
  writer->fixed({7, "fixed"}, std::numeric_limits<std::uint64_t>::max());
  writer->real({8, "real"}, 1.5);
  writer->fixed_list({9, "counts"}, counts);
  writer->real_list({10, "bounds"}, bounds);
  return writer->take();
}

}  // namespace

TEST_CASE("as protobuf") {
  const std::string expected =
      "\x0A\x11"s
      "\x12\x05\x61\x22\xEF\xBF\xBD"s
      "\x1A\x03\x80\x01\x03\x1A\x03\x80\x01\x03"s
      "\x22\x02\xAB\x01"s
      "\x28\x01"s
      "\x30\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"s
      "\x39\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s
      "\x41\x00\x00\x00\x00\x00\x00\xF8\x3F"s
      "\x4A\x10\x01\x00\x00\x00\x00\x00\x00\x00\x2C\x01\x00\x00\x00\x00\x00\x00"s
      "\x52\x08\x00\x00\x00\x00\x00\x00\xE0\x3F"s;
  CHECK(message(Format::protobuf) == expected);
}

TEST_CASE("a message of more than 127 bytes has a longer length") {
  const auto writer = Writer::make(Format::protobuf);
  writer->begin({1, "outer"});
  writer->text({1, "text"}, std::string(200, 'x'));
  writer->end();
  CHECK(writer->take() == "\x0A\xCB\x01\x0A\xC8\x01"s + std::string(200, 'x'));
}

TEST_CASE("as JSON, with integers of 64 bits as text and ids in hexadecimal digits") {
  const Value expected{
      {"outer", Value{{"text", "a\"\xEF\xBF\xBD"}, {"items", Value::array(Value{{"kind", 3}}, Value{{"kind", 3}})}}},
      {"id", "ab01"},
      {"holds", true},
      {"whole", "-1"},
      {"fixed", "18446744073709551615"},
      {"real", 1.5},
      {"counts", Value::array("1", "300")},
      {"bounds", Value::array(0.5)}};
  CHECK(Value::parse(message(Format::json)) == expected);
}
