// Everything that is read from masters and targets, without memory at each place in turn.
#include "base/value.hpp"
#include "http/content/decoder.hpp"
#include "http/cookies/jar.hpp"
#include "http/fast/connection_user.hpp"
#include "http/fast/http2/head.hpp"
#include "http/fast/http2/session.hpp"
#include "http/fast/response_parser.hpp"
#include "http/stream/body_stream.hpp"
#include "http/url.hpp"
#include "net/loop.hpp"
#include "protocol/codec.hpp"
#include "protocol/msgpack.hpp"
#include "tests/allocations/failing.hpp"
#include "tests/fuzz/pieces.hpp"
#include "websocket/deflate.hpp"
#include "websocket/message_reader.hpp"

#include <zlib.h>

#include <chrono>
#include <string>
#include <utility>

using namespace katydid;
using namespace std::chrono_literals;
using testing::fail_each_allocation;
using testing::refused;

namespace {

std::string frame_of_spawn() {
  const Value data{{"timestamp", 1.5},
                   {"user_classes_count", {{"a class with a name of some length", 2}, {"B", 3}}},
                   {"host", "http://a.host.with.a.name.of.some.length.example"},
                   {"stop_timeout", 2.5},
                   {"parsed_options", {{"tags", Value::array("x", "a tag with a name of some length")}}}};
  return protocol::pack(Value::array("spawn", data, "host_1"));
}

constexpr std::string_view chunked_answer =
    "HTTP/1.1 200 A reason that is not the usual one\r\nTransfer-Encoding: chunked\r\n"
    "Set-Cookie: a=b\r\nX-Header: a value of some length, so that the memory of the string itself is too small\r\n\r\n"
    "20\r\n01234567890123456789012345678901\r\n3;extension=\"a quoted one of some length\"\r\nabc\r\n0\r\n"
    "Trailer: a value\r\n\r\n";

std::string gzipped(std::string_view text) {
  z_stream stream{};
  constexpr int gzip = 16 + MAX_WBITS;
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// A frame of HTTP/2.
std::string frame(int type, int flags, int stream, std::string_view payload) {
  std::string out;
  for (const int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift & 0xff);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift & 0xff);
  return out.append(payload);
}

/// A field of HPACK that is not indexed, as it is.
std::string field(std::string_view name, std::string_view value) {
  std::string out("\0", 1);
  out += static_cast<char>(name.size());
  out.append(name);
  out += static_cast<char>(value.size());
  return out.append(value);
}

struct Owner final : Http2Session::Owner {
  void on_output() override {}
  void on_room() override {}
  std::string session_place() const override { return "127.0.0.1:80"; }
};

struct Asking final : ConnectionUser {
  explicit Asking(Http2Session& session) : stream(&session.add(*this)) { parser.start({}, 100'000); }
  void on_open() override {
    stream->begin({.method = "GET", .scheme = "http", .authority = "a", .path = "/", .lines = ""},
                  Http2Stream::Body::none);
  }
  bool on_field(std::string_view name, std::string_view value) override {
    return parser.take_field(name, value, content);
  }
  bool on_fields_end() override { return parser.end_of_fields(content); }
  std::string refusal() const override { return parser.error(); }
  void on_received(std::string_view bytes) override { (void)parser.feed(bytes, content); }
  void on_whole() override {
    (void)parser.end_of_frames();
    std::exchange(stream, nullptr)->finish();
  }
  void on_ended(int) override { end("ended"); }
  void on_truncated(std::string text) override { end(std::move(text)); }
  void on_failed(std::string text) override { end(std::move(text)); }
  void fail_soon(std::string text) override { end(std::move(text)); }
  void end(std::string text) {
    error = std::move(text);
    if (stream) std::exchange(stream, nullptr)->give_up();
  }

  Http2Stream* stream;
  ResponseParser parser;
  Response::Content content;
  std::string error;
};

}  // namespace

TEST_CASE("a master's message") {
  fail_each_allocation([frame = frame_of_spawn()]() -> std::string {
    const auto result = protocol::decode_from_master(frame, "host_1");
    if (const auto* error = std::get_if<protocol::DecodeError>(&result)) return std::string(refused) + error->text;
    const auto& spawn = std::get<protocol::from_master::Spawn>(std::get<protocol::FromMaster>(result));
    return *spawn.host + std::to_string(spawn.user_classes_count.size()) + spawn.parsed_options.dump();
  });
}

TEST_CASE("JSON") {
  fail_each_allocation([]() -> std::string {
    return Value::parse(R"({"a key of some length, for memory": [1, 2.5, "a text of some length, for memory"],
                            "b": {"c": null, "d": "\u00e9 and so on, at some length"}})")
        .dump();
  });
}

TEST_CASE("an answer of HTTP/1.1") {
  fail_each_allocation([]() -> std::string {
    ResponseParser parser;
    Response::Content content;
    parser.start({}, 100'000);
    auto bytes = chunked_answer;
    for (const std::size_t size : {40, 70, 150, 10'000}) {
      auto piece = bytes.substr(0, size);
      const auto given = piece.size();
      if (parser.feed(piece, content) == ResponseParser::Progress::failed) return std::string(refused) + parser.error();
      bytes.remove_prefix(given - piece.size());
    }
    return parser.reason() + content.header_block + content.body;
  });
}

TEST_CASE("an answer of HTTP/2, through a library in C") {
  const std::string head =
      field(":status", "200") + field("x-header", "a value of some length, so that it needs memory");
  const std::string answer = frame(4, 0, 0, "") + frame(1, 4, 1, head) +
                             frame(0, 0, 1, "a body of some length, so that it needs memory") +
                             frame(0, 1, 1, std::string(3000, 'x'));
  fail_each_allocation([&]() -> std::string {
    Owner owner;
    Http2Fields fields;
    Http2Session session(owner, fields);
    Asking user(session);
    session.open();
    session.tell_open();
    std::string out;
    session.produce(out, 1 << 20);
    session.feed(answer);
    const std::string error = session.error();
    session.end_all([&](ConnectionUser& each) { each.on_failed(error.empty() ? "not whole" : error); });
    if (!user.error.empty()) return std::string(refused) + user.error;
    return user.content.header_block + user.content.body;
  });
}

TEST_CASE("messages of a WebSocket") {
  const DeflateParameters agreed{};
  MessageDeflater deflater(agreed);
  const std::string text = "a message of some length, so that it needs memory, again and again and again";
  const std::string deflated(*deflater.deflate(text));
  std::string bytes;
  const auto add = [&](int first, std::string_view payload) {
    bytes += static_cast<char>(first);
    bytes += static_cast<char>(payload.size());
    bytes.append(payload);
  };
  add(0xC1, deflated);
  add(0x01, text.substr(0, 30));
  add(0x89, "a ping that is as long as it may be");
  add(0x80, text.substr(30));
  fail_each_allocation([&]() -> std::string {
    MessageReader reader(100'000);
    reader.inflate_by(agreed);
    std::string found;
    for (std::string_view left = bytes; !left.empty();) {
      const auto progress = reader.feed(left);
      if (progress == MessageReader::Progress::failed) return std::string(refused) + reader.error();
      if (progress != MessageReader::Progress::more) found.append(reader.payload()).append("|");
    }
    return found;
  });
}

TEST_CASE("events that a server sends") {
  Loop loop(EventLoop::epoll);
  fail_each_allocation([&]() -> std::string {
    Pieces stream(loop);
    std::string found;
    for (const std::string_view piece :
         {"event: a type of some length\nid: an id of some length, too\nda", "ta: a line of some length, so that\n",
          "data: it needs memory, and another one\n\n", "data: last, and as long as all the others\n\n"}) {
      stream.come(piece);
      while (const auto event = stream.take_event()) found.append(event->type).append(event->id).append(event->data);
    }
    stream.end();
    return stream.error().empty() ? found : std::string(refused) + stream.error();
  });
}

TEST_CASE("a compressed body, by a decoder that goes on to the next one") {
  const std::string body = gzipped(std::string(100'000, 'x'));
  ContentDecoder decoder;
  fail_each_allocation([&]() -> std::string {
    decoder.start("gzip, identity");
    std::string text = body;
    if (!decoder.decode(text, 1 << 20)) return std::string(refused) + decoder.error();
    return text;
  });
}

TEST_CASE("a jar takes a cookie or does not, and stays a jar") {
  const Url url = split_url("https://www.shop.example/a/path/of/some/length");
  const auto now = std::chrono::system_clock::now();
  CookieJar jar;
  fail_each_allocation([&]() -> std::string {
    for (const auto* cookie :
         {"first=a value of some length, for memory; Domain=shop.example; Path=/a/path/of/some", "second=2; Secure",
          "third=a value of some length, for memory; Max-Age=100", "second=a value of some length, for memory"}) {
      jar.store(cookie, url, now);
    }
    std::string line;
    jar.append_header(line, url, now);
    jar.erase("third");
    return line;
  });
}
