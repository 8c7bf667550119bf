#include "websocket/deflate.hpp"

#include "tests/websocket/server_frame.hpp"
#include "websocket/message_reader.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace katydid;

namespace {

constexpr std::uint64_t much = 1 << 20;

std::string through(MessageDeflater& deflater, MessageInflater& inflater, const std::string& text) {
  const auto sent = deflater.deflate(text);
  REQUIRE(sent);
  std::string received;
  for (char each : *sent) REQUIRE(inflater.inflate({&each, 1}, received, much) == MessageInflater::Result::ok);
  REQUIRE(inflater.end(received, much) == MessageInflater::Result::ok);
  return received;
}

std::string refusal(std::string_view extension) {
  std::string why;
  CHECK_FALSE(agreed_deflate(extension, why));
  return why;
}

}  // namespace

TEST_CASE("what a server may answer to the offer of permessage-deflate") {
  std::string why;
  const auto plain = agreed_deflate("permessage-deflate", why);
  REQUIRE(plain);
  CHECK(plain->client_max_window_bits == 15);
  const auto all = agreed_deflate(
      "permessage-deflate; server_no_context_takeover ;client_no_context_takeover; server_max_window_bits=9; "
      "client_max_window_bits=\"10\"",
      why);
  REQUIRE(all);
  CHECK(all->server_no_context_takeover);
  CHECK(all->client_no_context_takeover);
  CHECK(all->server_max_window_bits == 9);
  CHECK(all->client_max_window_bits == 10);
  CHECK(why.empty());
}

TEST_CASE("what it may not") {
  CHECK(refusal("x-webkit-deflate-frame") == "an extension that was not offered");
  CHECK(refusal("permessage-deflate; no_such") == "permessage-deflate with no_such");
  CHECK(refusal("permessage-deflate; server_no_context_takeover; server_no_context_takeover") ==
        "permessage-deflate with server_no_context_takeover a second time");
  for (const char* bad :
       {"server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16", "server_max_window_bits=08",
        "client_max_window_bits", "client_max_window_bits=x", "client_max_window_bits=", "client_max_window_bits=\"9",
        "server_no_context_takeover=1", ""}) {
    CAPTURE(bad);
    CHECK(refusal(std::string("permessage-deflate; ") + bad).starts_with("permessage-deflate with "));
  }
}

TEST_CASE("messages go both ways, with and without what the one before has taught") {
  for (bool forgets : {false, true}) {
    for (int bits : {9, 12, 15}) {
      const DeflateParameters agreed{.server_no_context_takeover = forgets,
                                     .client_no_context_takeover = forgets,
                                     .server_max_window_bits = bits,
                                     .client_max_window_bits = bits};
      MessageDeflater deflater(agreed);
      MessageInflater inflater(agreed);
      std::string large;
      for (int i = 0; i < 20000; ++i) large += static_cast<char>(i * i % 251);
      for (const std::string& text :
           {std::string("Hello"), std::string("Hello"), std::string(), large, std::string("a")})
        CHECK(through(deflater, inflater, text) == text);
    }
  }
}

TEST_CASE("a repeated message is shorter only where the context is taken over") {
  const std::string text = "a sentence that comes twice";
  MessageDeflater remembers({}), forgets({.client_no_context_takeover = true});
  const auto first = remembers.deflate(text)->size(), second = remembers.deflate(text)->size();
  CHECK(second < first / 2);
  CHECK(forgets.deflate(text)->size() == forgets.deflate(text)->size());
}

TEST_CASE("a window that zlib does not have: messages go as they are") {
  MessageDeflater deflater({.client_max_window_bits = 8});
  CHECK_FALSE(deflater.deflate("Hello"));
}

TEST_CASE("the examples of RFC 7692, 7.2.3") {
  const auto read = [](std::string frames) {
    MessageReader reader(much);
    reader.inflate_by({});
    std::string all;
    std::string_view left = frames;
    while (!left.empty()) {
      const auto progress = reader.feed(left);
      if (progress == MessageReader::Progress::failed) return reader.error();
      if (progress == MessageReader::Progress::message) all.append(reader.payload()).append("|");
    }
    return all;
  };
  const std::string hello("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  CHECK(read(raw_frame(0xc1, hello)) == "Hello|");
  CHECK(read(raw_frame(0x41, hello.substr(0, 3)) + raw_frame(0x80, hello.substr(3))) == "Hello|");
  CHECK(read(raw_frame(0xc1, hello) + raw_frame(0xc1, std::string("\xf2\x00\x11\x00\x00", 5))) == "Hello|Hello|");
  CHECK(read(raw_frame(0xc1, std::string("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11))) == "Hello|");
  CHECK(read(raw_frame(0xc1, std::string("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8))) == "Hello|");  // BFINAL
  CHECK(read(raw_frame(0xc1, std::string("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13))) == "Hello|");
  CHECK(read(raw_frame(0xc1, hello.substr(0, 4))) ==
        "ProtocolError: a compressed message can't be decompressed");  // it ends within a block
  CHECK(read(raw_frame(0xc1, "\xff\xff\xff")) == "ProtocolError: a compressed message can't be decompressed");
  CHECK(read(raw_frame(0x41, hello.substr(0, 3)) + raw_frame(0xc0, hello.substr(3))) ==
        "ProtocolError: a frame has a reserved bit set");
  CHECK(read(raw_frame(0xc9, "")) == "ProtocolError: a frame has a reserved bit set");
}

TEST_CASE("a bomb is put out at the limit") {
  MessageDeflater deflater({});
  const std::string frame = raw_frame(0xc2, *deflater.deflate(std::string(10'000'000, 'x')));
  CHECK(frame.size() < 20'000);
  MessageReader reader(1'000'000);
  reader.inflate_by({});
  std::string_view left = frame;
  CHECK(reader.feed(left) == MessageReader::Progress::failed);
  CHECK(reader.error() == "MessageTooBig: a message is longer than 1000000 bytes (max_message)");
  CHECK(reader.error_code() == close_code::too_big);
}
