#include "grpc/message_reader.hpp"

#include "http/content/gzip.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace katydid;

namespace {

using Reader = GrpcMessageReader;
constexpr auto gzipped = Reader::Encoding::gzip;

std::string framed(std::string_view message, bool compressed = false) {
  std::string out;
  append_grpc_message(out, message, compressed);
  return out;
}

struct Read {
  std::vector<std::string> messages{};
  GrpcStatus failure{};
  bool whole = false;
};

Read read(std::string_view bytes, std::size_t piece, Reader::Encoding encoding = {}, std::uint64_t most = 100) {
  Reader reader(most);
  reader.set_encoding(encoding);
  Read found;
  while (!bytes.empty() && !reader.failed()) {
    std::string_view left = bytes.substr(0, piece);
    bytes.remove_prefix(left.size());
    while (reader.feed(left) == Reader::Progress::message) found.messages.emplace_back(reader.message());
  }
  found.failure = reader.failure();
  found.whole = reader.at_boundary();
  return found;
}

}  // namespace

TEST_CASE("gRPC messages: they are read in whatever pieces they come") {
  const std::string bytes = framed("one") + framed("") + framed(gzip("three"), true) + framed(std::string(100, 'x'));
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    CAPTURE(piece);
    const auto found = read(bytes, piece, gzipped);
    CHECK(found.messages == std::vector<std::string>{"one", "", "three", std::string(100, 'x')});
    CHECK(found.whole);
    CHECK(found.failure.ok());
  }
}

TEST_CASE("gRPC messages: an empty one is a message of its own, and a body of none is whole") {
  CHECK(read(framed(""), 1).messages == std::vector<std::string>{""});
  CHECK(read(framed(gzip(""), true), 3, gzipped).messages == std::vector<std::string>{""});
  CHECK(read("", 1).whole);
}

TEST_CASE("gRPC messages: what is cut short is not whole") {
  const std::string bytes = framed("hello");
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    CAPTURE(size);
    const auto found = read(bytes.substr(0, size), 2);
    CHECK_FALSE(found.whole);
    CHECK(found.failure.ok());
    CHECK(found.messages.empty());
  }
}

TEST_CASE("gRPC messages: what breaks the rules is refused, and says what") {
  const auto failure = [](std::string_view bytes, Reader::Encoding encoding = {}) {
    const auto whole = read(bytes, bytes.size(), encoding).failure.error();
    CHECK(read(bytes, 1, encoding).failure.error() == whole);
    return whole;
  };
  CHECK(failure(std::string("\7\0\0\0\0", 5)) == "INTERNAL: the compressed flag of a message is 7");
  CHECK(failure(framed("x", true)) == "INTERNAL: a message is compressed, and no grpc-encoding says how");
  CHECK(failure(framed("no gzip", true), gzipped) == "INTERNAL: a message can't be decompressed: that is no gzip");
  CHECK(failure(framed("", true), gzipped) == "INTERNAL: a message can't be decompressed: that is no gzip");
  const auto half = gzip("hello");
  CHECK(failure(framed(half.substr(0, half.size() - 3), true), gzipped) ==
        "INTERNAL: a message can't be decompressed: that is no gzip");
  CHECK(failure(framed(std::string(101, 'x'))) == "RESOURCE_EXHAUSTED: a message of 101 bytes is larger than 100");
  CHECK(failure("\xff\xff\xff\xff\xff") == "INTERNAL: the compressed flag of a message is 255");
  CHECK(failure(std::string("\0\xff\xff\xff\xff", 5)) ==
        "RESOURCE_EXHAUSTED: a message of 4294967295 bytes is larger than 100");
  CHECK(failure(framed(gzip(std::string(1 << 20, 'x')).substr(0, 90), true), gzipped) != "");
  CHECK(read(framed(gzip(std::string(101, 'x')), true), 1000, gzipped).failure.error() ==
        "RESOURCE_EXHAUSTED: a message is larger than 100 bytes when it is decompressed");
}

TEST_CASE("gRPC messages: what failed stays failed") {
  Reader reader(100);
  std::string_view bytes = "\7\7\7\7\7";
  CHECK(reader.feed(bytes) == Reader::Progress::failed);
  const std::string good = framed("good");
  bytes = good;
  CHECK(reader.feed(bytes) == Reader::Progress::failed);
  CHECK_FALSE(reader.at_boundary());
}
