// The numbers are those of the Autobahn suite's subjects, seen from the client's side.
#include "websocket/message_reader.hpp"

#include "tests/websocket/server_frame.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace katydid;

namespace {

using Progress = MessageReader::Progress;

/// What comes of it: "text:…", "binary:…", "ping:…", "pong:…", "close CODE:…", or an error and its code; the same in
/// pieces of every size.
std::vector<std::string> read_in(const std::string& bytes, std::size_t piece, std::uint64_t most) {
  MessageReader reader(most);
  std::vector<std::string> found;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::string_view left = std::string_view(bytes).substr(at, piece);
    while (!left.empty()) {
      const auto progress = reader.feed(left);
      if (progress == Progress::more) continue;
      const std::string payload(reader.payload());
      if (progress == Progress::failed) {
        found.push_back(std::to_string(reader.error_code()) + " " + reader.error());
        return found;
      }
      if (progress == Progress::message) found.push_back((reader.is_text() ? "text:" : "binary:") + payload);
      if (progress == Progress::ping) found.push_back("ping:" + payload);
      if (progress == Progress::pong) found.push_back("pong:" + payload);
      if (progress == Progress::close) found.push_back("close " + std::to_string(reader.code()) + ":" + payload);
    }
  }
  return found;
}

std::vector<std::string> read(const std::string& bytes, std::uint64_t most = 1 << 20) {
  auto whole = read_in(bytes, bytes.size() + 1, most);
  for (std::size_t piece : {1, 2, 3, 5, 7, 64}) CHECK(read_in(bytes, piece, most) == whole);
  return whole;
}

using Found = std::vector<std::string>;

void refuses(const std::string& bytes, const char* error, const Found& before = {}) {
  Found expected = before;
  expected.push_back(error);
  CHECK(read(bytes) == expected);
}

}  // namespace

TEST_CASE("1: frames of every size") {
  for (std::size_t size : {0, 1, 125, 126, 127, 128, 65535, 65536}) {
    CAPTURE(size);
    const std::string payload(size, '*');
    CHECK(read(raw_frame(0x81, payload)) == Found{"text:" + payload});
    CHECK(read(raw_frame(0x82, payload) + raw_frame(0x82, "x")) == Found{"binary:" + payload, "binary:x"});
  }
}

TEST_CASE("1: lengths that must not be") {
  refuses(raw_frame(0x81, "abc", 2, 3), "1002 ProtocolError: a frame's length is written longer than it has to be");
  refuses(raw_frame(0x81, "", 2, 125), "1002 ProtocolError: a frame's length is written longer than it has to be");
  refuses(raw_frame(0x81, "", 8, 65535), "1002 ProtocolError: a frame's length is written longer than it has to be");
  refuses(raw_frame(0x81, "", 8, std::uint64_t{1} << 63),
          "1002 ProtocolError: a frame's length has its highest bit set");
  refuses(raw_frame(0x81, "", 0, 0x85), "1002 ProtocolError: a frame of the server is masked");
}

TEST_CASE("2: pings and pongs") {
  CHECK(read(raw_frame(0x89, "")) == Found{"ping:"});
  CHECK(read(raw_frame(0x89, std::string(125, 'p'))) == Found{"ping:" + std::string(125, 'p')});
  CHECK(read(raw_frame(0x8a, "late") + text_frame("x")) == Found{"pong:late", "text:x"});
  refuses(raw_frame(0x89, std::string(126, 'p')), "1002 ProtocolError: a control frame is longer than 125 bytes");
  refuses(raw_frame(0x09, "p"), "1002 ProtocolError: a control frame is fragmented");
}

TEST_CASE("3: reserved bits") {
  for (unsigned bits : {0x10U, 0x20U, 0x30U, 0x40U, 0x50U, 0x70U}) {
    CAPTURE(bits);
    refuses(text_frame("before") + raw_frame(0x81 | bits, "x"), "1002 ProtocolError: a frame has a reserved bit set",
            {"text:before"});
    refuses(raw_frame(0x89 | bits, ""), "1002 ProtocolError: a frame has a reserved bit set");
  }
}

TEST_CASE("4: reserved opcodes") {
  for (unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) {
    CAPTURE(opcode);
    const std::string error = "1002 ProtocolError: a frame has the reserved opcode " + std::to_string(opcode);
    refuses(raw_frame(0x80 | opcode, ""), error.c_str());
  }
}

TEST_CASE("5: messages in fragments") {
  CHECK(read(raw_frame(0x01, "frag") + raw_frame(0x80, "ment")) == Found{"text:fragment"});
  CHECK(read(raw_frame(0x02, "") + raw_frame(0x00, "") + raw_frame(0x80, "")) == Found{"binary:"});
  CHECK(read(raw_frame(0x01, "a") + raw_frame(0x89, "now") + raw_frame(0x00, "b") + raw_frame(0x8a, "") +
             raw_frame(0x80, "c")) == Found{"ping:now", "pong:", "text:abc"});
  refuses(raw_frame(0x80, "x"), "1002 ProtocolError: a frame continues a message that was not begun");
  refuses(raw_frame(0x00, "x"), "1002 ProtocolError: a frame continues a message that was not begun");
  refuses(text_frame("whole") + raw_frame(0x80, "x"),
          "1002 ProtocolError: a frame continues a message that was not begun", {"text:whole"});
  refuses(raw_frame(0x01, "a") + raw_frame(0x81, "b"),
          "1002 ProtocolError: a message begins before the one before it has ended");
}

TEST_CASE("6: a text is UTF-8, across fragments, and what is not is refused at once") {
  const std::string word = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
  CHECK(read(text_frame(word)) == Found{"text:" + word});
  for (std::size_t cut = 0; cut <= word.size(); ++cut)
    CHECK(read(raw_frame(0x01, word.substr(0, cut)) + raw_frame(0x80, word.substr(cut))) == Found{"text:" + word});
  refuses(text_frame("\xff"), "1007 ProtocolError: a text is not UTF-8");
  refuses(text_frame("\xed\xa0\x80"), "1007 ProtocolError: a text is not UTF-8");
  refuses(text_frame("end\xe2\x82"), "1007 ProtocolError: a text ends within a character (UTF-8)");
  refuses(raw_frame(0x01, "\xf4\x90") + raw_frame(0x00, "never looked at"), "1007 ProtocolError: a text is not UTF-8");
  CHECK(read(raw_frame(0x82, "\xff\xfe")) == Found{"binary:\xff\xfe"});
}

TEST_CASE("7: closes") {
  CHECK(read(raw_frame(0x88, "")) == Found{"close 1005:"});
  CHECK(read(close_frame(1000)) == Found{"close 1000:"});
  CHECK(read(close_frame(4999, "as \xc3\xa9 wants")) == Found{"close 4999:as \xc3\xa9 wants"});
  refuses(raw_frame(0x88, "\x03"), "1002 ProtocolError: a close frame holds half a code");
  for (int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000}) {
    const std::string error =
        "1002 ProtocolError: a close frame has the code " + std::to_string(code) + ", which must not be";
    const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    refuses(raw_frame(0x88, payload), error.c_str());
  }
  refuses(close_frame(1000, "\xce\xba\xed\xa0\x80"), "1007 ProtocolError: the reason of a close frame is not UTF-8");
  refuses(close_frame(1000, std::string(124, 'x')), "1002 ProtocolError: a control frame is longer than 125 bytes");
}

TEST_CASE("9: limits") {
  const char* too_big = "1009 MessageTooBig: a message is longer than 10 bytes (max_message)";
  CHECK(read(text_frame("0123456789"), 10) == Found{"text:0123456789"});
  CHECK(read(text_frame("0123456789a"), 10) == Found{too_big});
  CHECK(read(raw_frame(0x81, "", 8, ~std::uint64_t{0} >> 1), 10) == Found{too_big});
  CHECK(read(raw_frame(0x01, "01234") + raw_frame(0x00, "56789") + raw_frame(0x00, "a"), 10) == Found{too_big});
}
