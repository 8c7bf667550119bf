#include "http/fast/response_parser.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace katydid;
using namespace std::string_literals;
using Progress = ResponseParser::Progress;

namespace {

struct Outcome {
  bool accepted = false;
  int status = 0;
  std::string headers, body, error, reason;
  bool keeps_alive = false, continues = false;
  std::size_t left = 0;

  bool operator==(const Outcome&) const = default;
};

struct Settings {
  bool to_head = false;
  std::uint64_t max_body = 1 << 20;
};

/// The answer came in two pieces, or in pieces of one byte when `first` is 0.
Outcome parse_pieces(std::string_view bytes, std::size_t first, Settings settings) {
  ResponseParser parser;
  Response::Content content;
  parser.start({.to_head = settings.to_head}, settings.max_body);
  auto progress = Progress::more;
  auto size = std::max<std::size_t>(first, 1);
  while (progress == Progress::more && !bytes.empty()) {
    auto piece = bytes.substr(0, size);
    const auto given = piece.size();
    progress = parser.feed(piece, content);
    bytes.remove_prefix(given - piece.size());
    if (first > 0) size = std::max<std::size_t>(bytes.size(), 1);
  }
  if (progress == Progress::more) progress = parser.end_of_stream();
  Outcome outcome{.accepted = progress == Progress::done, .error = parser.error()};
  if (outcome.accepted) {
    outcome.status = content.status;
    outcome.headers = content.header_block;
    outcome.body = content.body;
    outcome.reason = parser.reason();
    outcome.keeps_alive = parser.keeps_alive();
    outcome.continues = parser.told_to_continue();
    outcome.left = bytes.size();
  } else {
    // How much of a line an error shows may hang on how much of it is there.
    outcome.error.resize(std::min(outcome.error.find(": '"), outcome.error.size()));
  }
  return outcome;
}

/// The same wherever the bytes were cut.
Outcome parse(std::string_view bytes, Settings settings = {}) {
  const auto whole = parse_pieces(bytes, bytes.size(), settings);
  for (std::size_t first = 0; first < bytes.size(); ++first) {
    if (parse_pieces(bytes, first, settings) == whole) continue;
    CAPTURE(bytes);
    CAPTURE(first);
    CHECK(false);
  }
  return whole;
}

std::string error_of(std::string_view bytes, Settings settings = {}) { return parse(bytes, settings).error; }

std::string with_field(std::string_view field) {
  return std::string("HTTP/1.1 200 OK\r\n").append(field).append("\r\n\r\nok");
}
std::string chunked(std::string_view body) {
  return std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").append(body);
}

}  // namespace

TEST_CASE("an answer has a status, headers and a body") {
  const auto answer =
      parse("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nX-Empty:\r\n\r\nhello");
  CHECK(answer.accepted);
  CHECK(answer.status == 200);
  CHECK(answer.headers == "Content-Type: text/plain\r\nContent-Length: 5\r\nX-Empty:\r\n");
  CHECK(answer.body == "hello");
  CHECK(answer.keeps_alive);
  CHECK(answer.left == 0);
  CHECK(answer.reason.empty());
}

TEST_CASE("what comes after an answer is left where it is") {
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 x").left == 14);
  CHECK(parse(chunked("0\r\n\r\nmore")).left == 4);
  CHECK(parse("HTTP/1.1 204 No Content\r\n\r\nmore").left == 4);
}

TEST_CASE("a parser and a response are used again") {
  ResponseParser parser;
  Response::Content content;
  for (int i = 0; i < 3; ++i) {
    content = {};
    parser.start({}, 100);
    std::string_view bytes =
        "HTTP/1.1 404 Gone fishing\r\nSet-Cookie: a=b\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    CHECK(parser.feed(bytes, content) == Progress::done);
    CHECK(parser.has_cookies());
    CHECK(parser.reason() == "Gone fishing");
    CHECK_FALSE(parser.keeps_alive());

    content = {};
    parser.start({}, 100);
    bytes = "HTTP/2";
    CHECK(parser.feed(bytes, content) == Progress::more);
    bytes = " 200\r\n";
    CHECK(parser.feed(bytes, content) == Progress::failed);
    CHECK_FALSE(parser.has_cookies());
    CHECK(parser.error() == "ProtocolError: the answer is not HTTP/1: 'HTTP/2 200'");
  }
}

TEST_CASE("status lines are those of HTTP/1.0 and 1.1") {
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").status == 200);
  CHECK(parse("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n").status == 200);
  CHECK(parse("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n").status == 200);
  CHECK(parse("HTTP/1.0 999 \xC3\xA9\tx\r\n\r\n").status == 999);
  CHECK(parse("HTTP/1.1 503 Not  now \r\nContent-Length: 0\r\n\r\n").reason == "Not  now ");
  for (const auto* line :
       {"HTTP/1.2 200 OK", "HTTP/2 200 OK", "HTTP/0.9 200 OK", "http/1.1 200 OK", "HTTP/1.1200 OK", "HTTP/1.1\t200 OK",
        "HTTP/1.10 200", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTP/1.1 200 OK", "ICY 200 OK", ""}) {
    CAPTURE(std::string(line));
    CHECK(error_of(line + "\r\n\r\n"s) == "ProtocolError: the answer is not HTTP/1");
  }
  for (const auto* line :
       {"HTTP/1.1  200 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 200OK", "HTTP/1.1 099 OK",
        "HTTP/1.1 -20 OK", "HTTP/1.1 200 O\x01K", "HTTP/1.1 200 OK\rX: y", "HTTP/1.1 200\tOK"}) {
    CAPTURE(std::string(line));
    CHECK(error_of(line + "\r\n\r\n"s) == "ProtocolError: the status line makes no sense");
  }
}

TEST_CASE("garbage is found out at once, not when its line ends") {
  ResponseParser parser;
  Response::Content content;
  parser.start({}, 100);
  std::string_view bytes = "\x16\x03\x01\x02";
  CHECK(parser.feed(bytes, content) == Progress::failed);
  CHECK(parser.error() == "ProtocolError: the answer is not HTTP/1: '" + std::string(4, '?') + "'");
  CHECK(error_of("ok") == "ProtocolError: the answer is not HTTP/1");
  CHECK(error_of(std::string(5000, 'x')) == "ProtocolError: the answer is not HTTP/1");
}

TEST_CASE("an error shows what was seen, as much as fits in a table") {
  ResponseParser parser;
  Response::Content content;
  parser.start({}, 100);
  const auto answer = with_field(std::string(500, '@'));
  std::string_view bytes = answer;
  CHECK(parser.feed(bytes, content) == Progress::failed);
  CHECK(parser.error() == "ProtocolError: a header's name makes no sense: '" + std::string(60, '@') + "...'");
}

TEST_CASE("a body ends with its length") {
  CHECK(parse(with_field("Content-Length: 2")).body == "ok");
  CHECK(parse(with_field("content-LENGTH:\t 002 \t")).body == "ok");
  CHECK(parse(with_field("Content-Length: 0")).left == 2);
  CHECK(parse(with_field("Content-Length: 2\r\nContent-Length: 2")).body == "ok");
  CHECK(parse(with_field("Content-Length: 2, 2,2")).body == "ok");
  CHECK(error_of(with_field("Content-Length: 3")) ==
        "IncompleteRead: the server closed the connection before the end of the body");
}

TEST_CASE("lengths that could be read in two ways are refused") {
  for (const auto* value : {"-1", "+2", "", " ", "two", "2 2", "2;2", "0x2", "2.0", "2,3", "2,", ",2", "2,,2",
                            "18446744073709551618", "9223372036854775808", "1000000000000000000", "\xD9\xA2",
                            "2\r\nContent-Length: 3", "2\r\nX: y\r\nContent-Length: -2"}) {
    CAPTURE(value);
    CHECK(error_of(with_field(std::string("Content-Length: ") + value)) ==
          "ProtocolError: the Content-Length makes no sense");
  }
  CHECK(error_of(with_field("Content-Length : 2")) == "ProtocolError: a header's name makes no sense");
  CHECK(error_of(with_field("Content-Length:\r\n 2")) == "ProtocolError: the Content-Length makes no sense");
  CHECK(error_of(with_field("Content-Length: 2\r\n 3")) ==
        "ProtocolError: a header goes on in a line where it must not");
  for (const auto* fields :
       {"Content-Length: 2\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 2",
        "Transfer-Encoding: chunked\r\nContent-Length: 0"}) {
    CHECK(error_of(with_field(fields)) == "ProtocolError: both a Transfer-Encoding and a Content-Length");
  }
}

TEST_CASE("a body is chunked or nothing") {
  CHECK(parse(chunked("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")).body == "hello world");
  CHECK(parse(chunked("0\r\n\r\n")).keeps_alive);
  CHECK(parse("HTTP/1.1 200 OK\r\nTRANSFER-encoding:\tChunked \r\n\r\n2\r\nok\r\n0\r\n\r\n").body == "ok");
  for (const auto* coding : {"gzip", "gzip, chunked", "chunked, chunked", "chunked, identity", "identity", "xchunked",
                             "chunked;q=1", "", ",", "\"chunked\"", "chunked\r\nTransfer-Encoding: chunked",
                             "\x0b"
                             "chunked"}) {
    CAPTURE(coding);
    const auto error = error_of(with_field(std::string("Transfer-Encoding: ") + coding));
    CHECK((error == "ProtocolError: the Transfer-Encoding is not known" ||
           error == "ProtocolError: a header's value holds a control character"));
  }
}

TEST_CASE("chunks have sizes, extensions and trailers") {
  CHECK(parse(chunked("a\r\n0123456789\r\n0A\r\n0123456789\r\n0\r\n\r\n")).body.size() == 20);
  CHECK(parse(chunked("000000000000002\r\nok\r\n0\r\n\r\n")).body == "ok");
  CHECK(parse(chunked("2;a=b\r\nok\r\n0;c\r\n\r\n")).body == "ok");
  CHECK(parse(chunked("2 \t; a=\"b; c\"\r\nok\r\n0\r\n\r\n")).body == "ok");
  CHECK(parse(chunked("2\r\n\r\n\r\n0\r\n\r\n")).body == "\r\n");
  const auto answer = parse(chunked("2\r\nok\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\n\r\n"));
  CHECK(answer.body == "ok");
  CHECK(answer.headers == "Transfer-Encoding: chunked\r\n");  // a trailer is none of the headers
}

TEST_CASE("chunks that make no sense are refused") {
  for (const auto* size : {"", "x", "-2", "+2", " 2", "0x2", "2 2", "2,", "g", ";a", "2;\x01", "2\r"}) {
    CAPTURE(size);
    CHECK(error_of(chunked(size + "\r\nok\r\n0\r\n\r\n"s)) == "ProtocolError: a chunk's size makes no sense");
  }
  CHECK(error_of(chunked("10000000000000002\r\nok\r\n0\r\n\r\n")) == "ProtocolError: a chunk's size is too large");
  CHECK(error_of(chunked("0000000000000002\r\nok\r\n0\r\n\r\n")) == "ProtocolError: a chunk's size is too large");
  CHECK(error_of(chunked("2\nok\r\n0\r\n\r\n")) == "ProtocolError: a line of the chunks does not end in CRLF");
  CHECK(error_of(chunked("2\r\nok\n0\r\n\r\n")) == "ProtocolError: a line of the chunks does not end in CRLF");
  CHECK(error_of(chunked("2\r\nok\r\n0\r\n\n")) == "ProtocolError: a line of the chunks does not end in CRLF");
  CHECK(error_of(chunked("2\r\nokay\r\n0\r\n\r\n")) == "ProtocolError: a chunk is longer than its size");
  CHECK(error_of(chunked("2\r\nok0\r\n\r\n")) == "ProtocolError: a chunk is longer than its size");
  CHECK(error_of(chunked("2\r\nok\rx\n0\r\n\r\n")) == "ProtocolError: a chunk is longer than its size");
  for (const auto* trailer : {"no colon", ": x", "a b: c", " folded: x", "a : b", "a: \x01"}) {
    CAPTURE(std::string(trailer));
    CHECK(error_of(chunked("0\r\n"s + trailer + "\r\n\r\n")) == "ProtocolError: a trailer makes no sense");
  }
  for (const auto* cut : {"", "2", "2\r\n", "2\r\no", "2\r\nok", "2\r\nok\r\n", "2\r\nok\r\n0\r\n", "0\r\nX: y\r\n"}) {
    CAPTURE(std::string(cut));
    CHECK(error_of(chunked(cut)) == "IncompleteRead: the server closed the connection before the end of the body");
  }
}

TEST_CASE("floods of framing are bounded") {
  const auto check = [](const std::string& bytes, std::string_view error) {
    CHECK(parse_pieces(bytes, bytes.size(), {}).error == error);
    CHECK(parse_pieces(bytes, 0, {}).error == error);
  };
  const std::string_view too_long = "ProtocolError: a line of the chunks is too long";
  check(chunked("2;" + std::string(5000, 'x') + "\r\nok\r\n0\r\n\r\n"), too_long);
  check(chunked(std::string(5000, '0')), too_long);
  check(chunked("0\r\nX: " + std::string(5000, 'x')), too_long);

  std::string many = "0\r\n";
  for (int i = 0; i < 300; ++i) many += "X: " + std::string(4000, 'x') + "\r\n";
  ResponseParser parser;
  Response::Content content;
  parser.start({}, 100);
  const auto answer = chunked(many);
  std::string_view bytes = answer;
  CHECK(parser.feed(bytes, content) == Progress::failed);
  CHECK(parser.error().find("header") != std::string::npos);
}

TEST_CASE("a head has an upper bound, in one line or in many") {
  std::string many = "HTTP/1.1 200 OK\r\n";
  while (many.size() < (1 << 20) + 100) many += "X-Header: some value of it\r\n";
  for (const auto& answer : {with_field("X: " + std::string(1 << 20, 'x')), many + "\r\n"}) {
    for (const std::size_t first : {answer.size(), std::size_t{1000}}) {
      const auto outcome = parse_pieces(answer, first, {});
      CHECK_FALSE(outcome.accepted);
      CHECK(outcome.error.find("header") != std::string::npos);
    }
  }
  CHECK(parse_pieces(with_field("Content-Length: 2\r\nX: " + std::string(500'000, 'x')), 1000, {}).body == "ok");
}

TEST_CASE("answers that have no body have none") {
  for (const auto* fields : {"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"}) {
    CAPTURE(std::string(fields));
    for (const auto* line : {"HTTP/1.1 204 No Content\r\n", "HTTP/1.1 304 Not Modified\r\n"}) {
      const auto answer = parse(line + std::string(fields) + "\r\n");
      CHECK(answer.accepted);
      CHECK(answer.body.empty());
      CHECK(answer.keeps_alive);
    }
    const auto head = parse("HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n", {.to_head = true});
    CHECK(head.accepted);
    CHECK(head.keeps_alive);
  }
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", {.to_head = true}).accepted);
}

TEST_CASE("without a length a body ends with the connection") {
  const auto answer = parse("HTTP/1.1 200 OK\r\n\r\nall that comes\r\n\r\n");
  CHECK(answer.body == "all that comes\r\n\r\n");
  CHECK_FALSE(answer.keeps_alive);
  CHECK(parse("HTTP/1.0 200 OK\r\n\r\n").accepted);
  CHECK(parse("HTTP/1.1 200 OK\r\n\r\n").body.empty());
}

TEST_CASE("whether the connection stays is said by version and header") {
  const auto stays = [](std::string_view version, std::string_view field) {
    return parse(std::string(version).append(" 200 OK\r\nContent-Length: 0\r\n").append(field).append("\r\n"))
        .keeps_alive;
  };
  CHECK(stays("HTTP/1.1", ""));
  CHECK_FALSE(stays("HTTP/1.0", ""));
  CHECK(stays("HTTP/1.0", "Connection: Keep-Alive\r\n"));
  CHECK_FALSE(stays("HTTP/1.1", "Connection: close\r\n"));
  CHECK_FALSE(stays("HTTP/1.1", "connection: x, CLOSE ,y\r\n"));
  CHECK_FALSE(stays("HTTP/1.1", "Connection: keep-alive, close\r\n"));
  CHECK_FALSE(stays("HTTP/1.1", "Connection: close, keep-alive\r\n"));
  CHECK_FALSE(stays("HTTP/1.1", "Connection: close\r\nConnection: keep-alive\r\n"));
  CHECK(stays("HTTP/1.1", "Connection: closed\r\n"));
  CHECK(error_of(with_field("Connection:\r\n close")) == "ProtocolError: a header goes on in a line where it must not");
  // In HTTP/1.0 chunks may not have come through whole.
  CHECK_FALSE(
      parse("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").keeps_alive);
}

TEST_CASE("provisional answers are passed over") {
  const auto answer = parse(
      "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: close\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
      "HTTP/1.1 199 x\r\nSet-Cookie: a=b\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok");
  CHECK(answer.status == 201);
  CHECK(answer.headers == "Content-Length: 2\r\n");
  CHECK(answer.body == "ok");
  CHECK(answer.continues);
  CHECK(answer.keeps_alive);
  CHECK_FALSE(parse("HTTP/1.1 103 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").continues);
  CHECK(error_of("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n") ==
        "ProtocolError: the server switches protocols without being asked to");
  CHECK(error_of("HTTP/1.1 100 Continue\r\nContent-Length: 2\r\n\r\nok") ==
        "ProtocolError: a provisional answer with a body");
  CHECK(error_of("HTTP/1.1 100 Continue\r\n\r\n") ==
        "IncompleteRead: the server closed the connection before the end of the headers");
  CHECK(error_of("HTTP/1.1 100 Continue\r\n\r\nok") == "ProtocolError: the answer is not HTTP/1");
}

TEST_CASE("lines of a head end in CRLF, or in a bare line feed") {
  for (const auto* bytes :
       {"HTTP/1.1 200 OK\nContent-Length: 2\nX: y\n\nok", "HTTP/1.1 200 OK\r\nContent-Length: 2\nX: y\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\n\nok", "HTTP/1.1 200 OK\nContent-Length: 2\r\nX: y\n\r\nok",
        "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 2\nX: y\n\nok"}) {
    CAPTURE(std::string(bytes));
    const auto answer = parse(bytes);
    CHECK(answer.headers == "Content-Length: 2\r\nX: y\r\n");
    CHECK(answer.body == "ok");
    CHECK(answer.keeps_alive);
  }
  CHECK(parse("HTTP/1.1 204 x\n\n").headers.empty());
  CHECK(parse("HTTP/1.1 200 x\nX: a\n b\nContent-Length: 0\n\n").headers == "X: a b\r\nContent-Length: 0\r\n");
  CHECK(error_of("\nHTTP/1.1 200 OK\r\n\r\n") == "ProtocolError: the answer is not HTTP/1");
  CHECK(error_of("HTTP/1.1 200 OK\n X: a\n\n") == "ProtocolError: a header goes on in a line where it must not");
  CHECK(error_of(with_field("X: a\rSet-Cookie: b")) == "ProtocolError: a header's value holds a control character");
  CHECK(error_of(with_field("X: a\r")) == "ProtocolError: a header's value holds a control character");
  CHECK(error_of(with_field("\r\r\nX: a")) == "ProtocolError: a header's name makes no sense");
}

TEST_CASE("headers have a name and no control characters") {
  for (const auto& field : {"no colon"s, ": x"s, "a b: c"s, "a : b"s, "a\t: b"s, "(a): b"s, "a\0: b"s, "\xC3\xA9: b"s,
                            "a=b: c"s, "\"a\": b"s}) {
    CAPTURE(field);
    CHECK(error_of(with_field(field)) == "ProtocolError: a header's name makes no sense");
  }
  for (const auto& field : {"a: \x01"s, "a: b\0c"s, "a: \x7f"s, "a: \x1b[31m"s}) {
    CAPTURE(field);
    CHECK(error_of(with_field(field)) == "ProtocolError: a header's value holds a control character");
  }
  CHECK(parse(with_field("!#$%&'*+-.^_`|~9aZ: \t\xC3\xA9 \"(x)\"")).accepted);
  CHECK(parse(with_field("a:b\r\nA: c")).headers == "a:b\r\nA: c\r\n");
}

TEST_CASE("a folded line is put to the one before it") {
  CHECK(parse(with_field("X: a\r\n b\r\n\tc")).headers == "X: a b c\r\n");
  CHECK(parse(with_field("X:\r\n\t \r\n  b  ")).headers == "X: b\r\n");
  CHECK(parse(with_field("Content-Length: 2\r\nX: a\r\n b")).body == "ok");
  const std::string refused = "ProtocolError: a header goes on in a line where it must not";
  CHECK(error_of(with_field(" X: a")) == refused);
  CHECK(error_of(with_field(" ")) == refused);
  CHECK(error_of(with_field("Transfer-Encoding: chunked\r\n , gzip")) == refused);
  CHECK(error_of(with_field("X: a\r\n \x01")) == refused);
}

TEST_CASE("headers that somebody has to look at are noticed") {
  ResponseParser parser;
  Response::Content content;
  parser.start({}, 100);
  std::string_view bytes =
      "HTTP/1.1 302 x\r\nLOCATION: /\r\nset-cookie: a=b\r\ncontent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n";
  CHECK(parser.feed(bytes, content) == Progress::done);
  CHECK(parser.has_location());
  CHECK(parser.has_cookies());
  CHECK(parser.has_encoding());
  content = {};
  parser.start({}, 100);
  bytes = "HTTP/1.1 200 x\r\nXocation: /\r\nContent-Length: 0\r\n\r\n";
  CHECK(parser.feed(bytes, content) == Progress::done);
  CHECK_FALSE(parser.has_location());
  CHECK_FALSE(parser.has_cookies());
  CHECK_FALSE(parser.has_encoding());
}

TEST_CASE("an answer that ends early is incomplete") {
  const std::string_view whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    const auto error = error_of(whole.substr(0, size));
    CHECK(error == (size < whole.size() - 2
                        ? "IncompleteRead: the server closed the connection before the end of the headers"
                        : "IncompleteRead: the server closed the connection before the end of the body"));
  }
}

TEST_CASE("of a body whose length is known all but the last byte may be read to where it belongs") {
  struct Bytes final : Source {
    explicit Bytes(std::string_view b) : left(b) {}
    std::size_t read(char* to, std::size_t most) override {
      const auto size = left.copy(to, most);
      left.remove_prefix(size);
      return size;
    }
    std::string_view left;
  };
  ResponseParser parser;
  Response::Content content;
  parser.start({}, 100);
  CHECK_FALSE(parser.may_take());
  std::string_view bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0";
  REQUIRE(parser.feed(bytes, content) == ResponseParser::Progress::more);
  REQUIRE(parser.may_take());
  Bytes some("123");
  CHECK(parser.take(some, 3, content.body) == 3);
  Bytes rest("456789next");
  CHECK(parser.take(rest, 100, content.body) == 5);
  CHECK(content.body == "012345678");
  CHECK(parser.left_of_body() == 0);
  Bytes none("");
  CHECK(parser.take(none, 100, content.body) == 0);
  REQUIRE(parser.feed(rest.left, content) == ResponseParser::Progress::done);
  CHECK(content.body == "0123456789");
  CHECK(rest.left == "next");

  content = {};
  parser.start({.discards = true}, 100);
  bytes = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0";
  CHECK(parser.feed(bytes, content) == ResponseParser::Progress::more);
  CHECK_FALSE(parser.may_take());
  content = {};
  parser.start({}, 100);
  bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n0";
  CHECK(parser.feed(bytes, content) == ResponseParser::Progress::more);
  CHECK_FALSE(parser.may_take());
}

TEST_CASE("a body has an upper bound, however it is framed") {
  const std::string error = "BodyTooLarge: the answer has more than 5 bytes (max_body)";
  const Settings five{.max_body = 5};
  CHECK(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345", five).body == "12345");
  CHECK(parse(chunked("3\r\n123\r\n2\r\n45\r\n0\r\n\r\n"), five).body == "12345");
  CHECK(parse("HTTP/1.1 200 OK\r\n\r\n12345", five).body == "12345");
  CHECK(error_of("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n123456", five) == error);
  CHECK(error_of("HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n", five) == error);
  CHECK(error_of(chunked("3\r\n123\r\n3\r\n456\r\n0\r\n\r\n"), five) == error);
  CHECK(error_of("HTTP/1.1 200 OK\r\n\r\n123456", five) == error);
}

TEST_CASE("a length is a promise that no memory is given for") {
  ResponseParser parser;
  Response::Content content;
  parser.start({}, 1ULL << 40);
  std::string_view bytes = "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\nx";
  CHECK(parser.feed(bytes, content) == Progress::more);
  CHECK(content.body.capacity() < (4 << 20));
}
