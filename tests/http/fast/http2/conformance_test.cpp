// What a server may send and what it may not, by the sections of RFC 9113 and RFC 7541, numbered as h2spec numbers its
// cases, which are seen from the client's side here. For what breaks the rules, the client has to say by which error it
// leaves; what does not, it takes.
#include "tests/http/fast/http2/peer.hpp"
#include "tests/http/http_client_harness.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Peer = Http2Peer;
using Connection = Peer::Connection;

/// Of RFC 9113, 7.
enum Code : std::uint32_t {
  none = 0,
  protocol_error = 1,
  flow_control_error = 3,
  frame_size_error = 6,
  cancel = 8,
  compression_error = 9
};
constexpr std::uint32_t taken = 1'000;  // no error: the answer is one
constexpr std::uint32_t told = 1'001;   // the server's own error, which the request ends with
constexpr std::uint32_t after_answer =
    1'002;  // the answer was whole before: it counts, whatever becomes of the connection

struct Case {
  std::string_view number, what;
  std::uint32_t expected;
  std::function<void(Connection&, std::uint32_t)> sends;
};

const std::string ok = Peer::status(200);
const std::string eight(8, '8');

/// A frame, and then an answer that nobody may see unless the frame is to be taken.
auto frame(Peer::Frame sent, bool on_stream = false) {
  return [sent, on_stream](Connection& connection, std::uint32_t stream) {
    Peer::Frame own = sent;
    if (on_stream) own.stream = stream;
    connection.send(own);
    connection.answer(stream);
  };
}

auto on_stream(Peer::Frame sent) { return frame(std::move(sent), true); }

/// The head of an answer without a body.
auto head(std::string block) {
  return on_stream({.type = Peer::headers, .flags = Peer::end_headers | Peer::end_stream, .payload = std::move(block)});
}

/// A head, frames of that body, and an end.
auto with_body(std::string fields, std::vector<std::string> pieces) {
  return [fields, pieces](Connection& connection, std::uint32_t stream) {
    connection.send({.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = ok + fields});
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const bool last = i + 1 == pieces.size();
      connection.send(
          {.type = Peer::data, .flags = last ? Peer::end_stream : Peer::none, .stream = stream, .payload = pieces[i]});
    }
  };
}

/// A head that goes on, with something between its parts.
auto interrupted(Peer::Frame between, bool same_stream) {
  return [between, same_stream](Connection& connection, std::uint32_t stream) {
    connection.send({.type = Peer::headers, .flags = Peer::none, .stream = stream, .payload = ok});
    Peer::Frame own = between;
    if (same_stream) own.stream = stream;
    connection.send(own);
    connection.send({.type = Peer::continuation, .flags = Peer::end_headers, .stream = stream});
    connection.send({.type = Peer::data, .flags = Peer::end_stream, .stream = stream});
  };
}

/// Frames behind a whole answer.
auto behind(Peer::Frame late) {
  return [late](Connection& connection, std::uint32_t stream) {
    connection.answer(stream);
    Peer::Frame own = late;
    own.stream = stream;
    connection.send(own);
  };
}

Peer::Frame settings(std::uint16_t name, std::uint32_t value) {
  return {.type = Peer::settings, .payload = Peer::number(name).substr(2) + Peer::number(value)};
}

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

std::vector<Case> cases() {
  constexpr std::uint32_t idle = 77;
  const std::string large(16'385, 'x');
  return {
      // RFC 9113, 4: frames
      {"4.1/1", "a frame of an unknown type is ignored", taken, frame({.type = 22, .payload = eight})},
      {"4.1/2", "flags that mean nothing are ignored", taken,
       frame({.type = Peer::ping, .flags = 0xfe, .payload = eight})},
      {"4.1/3", "the reserved bit of a stream's number is ignored", taken,
       [](Connection& connection, std::uint32_t stream) { connection.answer(stream | 0x8000'0000U); }},
      {"4.2/1", "DATA of 16,384 bytes", taken, with_body({}, {large.substr(1)})},
      {"4.2/2", "DATA that is larger than SETTINGS_MAX_FRAME_SIZE", frame_size_error, with_body({}, {large})},
      {"4.2/3", "HEADERS that are larger than SETTINGS_MAX_FRAME_SIZE", frame_size_error, head(ok + large)},
      {"4.3/1", "a block of fields that can't be read", compression_error, head(std::string(8, '\xff'))},
      {"4.3/2", "PRIORITY between the parts of a head", protocol_error,
       interrupted({.type = Peer::priority, .payload = std::string(5, '\0')}, true)},
      {"4.3/3", "HEADERS of another stream between the parts of a head", protocol_error,
       interrupted({.type = Peer::headers, .flags = Peer::end_headers, .stream = 2, .payload = ok}, false)},
      // 5: streams
      {"5.1/1", "DATA of an idle stream", protocol_error, frame({.type = Peer::data, .stream = idle, .payload = "x"})},
      {"5.1/2", "RST_STREAM of an idle stream", protocol_error,
       frame({.type = Peer::reset, .stream = idle, .payload = Peer::number(8)})},
      {"5.1/3", "WINDOW_UPDATE of an idle stream", protocol_error,
       frame({.type = Peer::window, .stream = idle, .payload = Peer::number(100)})},
      {"5.1/4", "CONTINUATION of an idle stream", protocol_error,
       frame({.type = Peer::continuation, .flags = Peer::end_headers, .stream = idle, .payload = ok})},
      {"5.1/5", "DATA behind the end of a stream", after_answer, behind({.type = Peer::data, .payload = "late"})},
      {"5.1/6", "HEADERS behind the end of a stream", after_answer,
       behind({.type = Peer::headers, .flags = Peer::end_headers, .payload = ok})},
      {"5.1/7", "CONTINUATION behind the end of a stream", after_answer,
       behind({.type = Peer::continuation, .flags = Peer::end_headers, .payload = ok})},
      {"5.1/8", "DATA behind RST_STREAM", told,
       [](Connection& connection, std::uint32_t stream) {
         connection.send({.type = Peer::reset, .stream = stream, .payload = Peer::number(2)});
         connection.send({.type = Peer::data, .stream = stream, .payload = "late"});
       }},
      {"5.1.1/1", "HEADERS of a stream that the server begins", protocol_error,
       frame({.type = Peer::headers, .flags = Peer::end_headers, .stream = 2, .payload = ok})},
      {"5.5/1", "an unknown frame between the parts of a head", protocol_error, interrupted({.type = 22}, true)},
      // 6: each frame
      {"6.1/1", "DATA of stream 0", protocol_error, frame({.type = Peer::data, .payload = "x"})},
      {"6.1/3", "DATA with more padding than bytes", protocol_error,
       [](Connection& connection, std::uint32_t stream) {
         connection.send({.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = ok});
         connection.send({.type = Peer::data,
                          .flags = Peer::padded,
                          .stream = stream,
                          .payload = "\x06"
                                     "Test"});
       }},
      {"6.2/3", "HEADERS of stream 0", protocol_error,
       frame({.type = Peer::headers, .flags = Peer::end_headers, .payload = ok})},
      {"6.2/4", "HEADERS with more padding than bytes", protocol_error,
       on_stream({.type = Peer::headers, .flags = Peer::end_headers | Peer::padded, .payload = '\xff' + ok})},
      {"6.3/1", "PRIORITY of stream 0", protocol_error,
       frame({.type = Peer::priority, .payload = std::string(5, '\0')})},
      {"6.3/2", "PRIORITY that is not 5 bytes long", frame_size_error,
       on_stream({.type = Peer::priority, .payload = std::string(4, '\0')})},
      {"6.4/1", "RST_STREAM of stream 0", protocol_error, frame({.type = Peer::reset, .payload = Peer::number(8)})},
      {"6.4/3", "RST_STREAM that is not 4 bytes long", frame_size_error,
       on_stream({.type = Peer::reset, .payload = "abc"})},
      {"6.5/1", "SETTINGS with ACK that are not empty", frame_size_error,
       frame({.type = Peer::settings, .flags = Peer::ack, .payload = std::string(6, '\0')})},
      {"6.5/2", "SETTINGS of a stream", protocol_error, on_stream({.type = Peer::settings})},
      {"6.5/3", "SETTINGS of 3 bytes", frame_size_error, frame({.type = Peer::settings, .payload = "abc"})},
      {"6.5.2/1", "a server that lets itself be pushed to", protocol_error, frame(settings(2, 1))},
      {"6.5.2/2", "SETTINGS_INITIAL_WINDOW_SIZE above its limit", flow_control_error, frame(settings(4, 0x8000'0000U))},
      {"6.5.2/3", "SETTINGS_MAX_FRAME_SIZE below its limit", protocol_error, frame(settings(5, 16'383))},
      {"6.5.2/4", "SETTINGS_MAX_FRAME_SIZE above its limit", protocol_error, frame(settings(5, 16'777'216))},
      {"6.5.2/5", "an unknown setting is ignored", taken, frame(settings(0xff, 1))},
      {"6.6/1", "PUSH_PROMISE, which the client has switched off", none,  // the connection is closed at once
       on_stream({.type = Peer::push_promise,
                  .flags = Peer::end_headers,
                  .payload = Peer::number(2) + Peer::field(":method", "GET")})},
      {"6.7/2", "PING with ACK that nobody asked for is ignored", taken,
       frame({.type = Peer::ping, .flags = Peer::ack, .payload = eight})},
      {"6.7/3", "PING of a stream", protocol_error, on_stream({.type = Peer::ping, .payload = eight})},
      {"6.7/4", "PING that is not 8 bytes long", frame_size_error, frame({.type = Peer::ping, .payload = "short"})},
      {"6.8/1", "GOAWAY of a stream", protocol_error,
       on_stream({.type = Peer::goaway, .payload = Peer::number(1) + Peer::number(0)})},
      {"6.8/2", "GOAWAY of 4 bytes", frame_size_error, frame({.type = Peer::goaway, .payload = Peer::number(1)})},
      {"6.9/1", "WINDOW_UPDATE by nothing", protocol_error, frame({.type = Peer::window, .payload = Peer::number(0)})},
      {"6.9/2", "WINDOW_UPDATE by nothing, of a stream", protocol_error,
       on_stream({.type = Peer::window, .payload = Peer::number(0)})},
      {"6.9/3", "WINDOW_UPDATE that is not 4 bytes long", frame_size_error,
       frame({.type = Peer::window, .payload = "abc"})},
      {"6.9.1/2", "a window of more than 2^31 - 1", flow_control_error,
       frame({.type = Peer::window, .payload = Peer::number(0x7fff'ffff)})},
      {"6.9.1/3", "a window of more than 2^31 - 1, of a stream", flow_control_error,
       on_stream({.type = Peer::window, .payload = Peer::number(0x7fff'ffff)})},
      {"6.10/1", "a head in three parts", taken,
       [](Connection& connection, std::uint32_t stream) {
         connection.send({.type = Peer::headers, .stream = stream, .payload = ok});
         connection.send({.type = Peer::continuation, .stream = stream, .payload = Peer::field("a", "1")});
         connection.send({.type = Peer::continuation,
                          .flags = Peer::end_headers,
                          .stream = stream,
                          .payload = Peer::field("b", "2")});
         connection.send({.type = Peer::data, .flags = Peer::end_stream, .stream = stream, .payload = "fine"});
       }},
      {"6.10/2", "DATA between the parts of a head", protocol_error,
       interrupted({.type = Peer::data, .payload = "x"}, true)},
      {"6.10/3", "CONTINUATION of stream 0", protocol_error,
       interrupted({.type = Peer::continuation, .payload = Peer::field("a", "1")}, false)},
      {"6.10/4", "CONTINUATION behind a head that had ended", protocol_error,
       [](Connection& connection, std::uint32_t stream) {
         connection.send({.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = ok});
         connection.send({.type = Peer::continuation, .flags = Peer::end_headers, .stream = stream});
       }},
      {"6.10/6", "CONTINUATION behind DATA", protocol_error,
       [](Connection& connection, std::uint32_t stream) {
         connection.send({.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = ok});
         connection.send({.type = Peer::data, .stream = stream, .payload = "x"});
         connection.send({.type = Peer::continuation, .flags = Peer::end_headers, .stream = stream});
       }},
      // 7: error codes
      {"7/1", "GOAWAY with an unknown code, behind which the stream goes on", taken,
       frame({.type = Peer::goaway, .payload = Peer::number(1) + Peer::number(0xff)})},
      {"7/2", "RST_STREAM with an unknown code", told,
       [](Connection& connection, std::uint32_t stream) {
         connection.send({.type = Peer::reset, .stream = stream, .payload = Peer::number(0xff)});
       }},
      // 8: messages of HTTP
      {"8.1/1", "a second head that does not end the stream", protocol_error,
       [](Connection& connection, std::uint32_t stream) {
         connection.send({.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = ok});
         connection.send(
             {.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = Peer::field("a", "1")});
       }},
      {"8.1.1/1", "a Content-Length that the body does not have", protocol_error,
       with_body(Peer::field("content-length", "1"), {"four"})},
      {"8.1.1/2", "a Content-Length that the body in pieces does not have", protocol_error,
       with_body(Peer::field("content-length", "10"), {"four", "more"})},
      {"8.1.1/3", "two Content-Lengths", protocol_error,
       with_body(Peer::field("content-length", "4") + Peer::field("content-length", "5"), {"four"})},
      {"8.2.1/1", "a name with a capital letter", protocol_error, head(ok + Peer::field("X-Own", "1"))},
      {"8.2.1/2", "a name with a space", protocol_error, head(ok + Peer::field("x own", "1"))},
      {"8.2.1/3", "a value with a line break", protocol_error, head(ok + Peer::field("x", "a\r\nb"))},
      {"8.2.2/1", "Connection", protocol_error, head(ok + Peer::field("connection", "close"))},
      {"8.2.2/2", "Transfer-Encoding", protocol_error, head(ok + Peer::field("transfer-encoding", "chunked"))},
      {"8.2.2/3", "Keep-Alive", protocol_error, head(ok + Peer::field("keep-alive", "timeout=5"))},
      {"8.2.2/4", "Proxy-Connection", protocol_error, head(ok + Peer::field("proxy-connection", "close"))},
      {"8.2.2/5", "Upgrade", protocol_error, head(ok + Peer::field("upgrade", "h2c"))},
      {"8.3/1", "a pseudo-header field that nobody knows", protocol_error, head(ok + Peer::field(":own", "1"))},
      {"8.3/2", "a pseudo-header field of requests", protocol_error, head(ok + Peer::field(":method", "GET"))},
      {"8.3/3", "a pseudo-header field among trailers", protocol_error,
       [](Connection& connection, std::uint32_t stream) {
         connection.send({.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = ok});
         connection.send(
             {.type = Peer::headers, .flags = Peer::end_headers | Peer::end_stream, .stream = stream, .payload = ok});
       }},
      {"8.3/4", "a pseudo-header field behind another field", cancel,  // refused at the first field
       head(Peer::field("x", "1") + ok)},
      {"8.3.2/1", "an answer without a status", cancel, head(Peer::field("x", "1"))},
      {"8.3.2/2", "an answer with two", protocol_error, head(ok + ok)},
      {"8.3.2/3", "a status that is no number", protocol_error, head(Peer::field(":status", "abc"))},
      {"8.6/1", "101, which HTTP/2 has not", protocol_error, head(Peer::status(101))},
      // RFC 7541: HPACK
      {"hpack 2.3.3/1", "an index that no table has", compression_error, head(ok + '\xfe')},
      {"hpack 2.3.3/2", "the index of a name that no table has", compression_error, head(ok + bytes({0x7e, 1, 'x'}))},
      {"hpack 4.2/1", "a change of the table's size that is not the first thing", compression_error, head(ok + '\x20')},
      {"hpack 5.2/1", "a Huffman code with 8 bits of padding", compression_error,
       head(ok + bytes({0x00, 0x01, 'x', 0x82, 0x1f, 0xff}))},
      {"hpack 5.2/2", "a Huffman code that is padded by zeros", compression_error,
       head(ok + bytes({0x00, 0x01, 'x', 0x81, 0x18}))},
      {"hpack 5.2/3", "a Huffman code with the end in its middle", compression_error,
       head(ok + bytes({0x00, 0x01, 'x', 0x84, 0xff, 0xff, 0xff, 0xff}))},
      {"hpack 6.1/1", "the index 0", compression_error, head(ok + '\x80')},
      {"hpack 6.3/1", "a table that is larger than allowed", compression_error,
       head(bytes({0x3f, 0xe1, 0xff, 0x03}) + ok)},
  };
}

/// What the client left with: GOAWAY's code or RST_STREAM's; 0 for none.
template <class Shard>
std::uint32_t run(const Case& scenario, Response& answer) {
  std::atomic<std::uint32_t> left_with = 0;
  {
    Peer peer([&](Connection& connection) {
      const auto stream = connection.next_request();
      if (stream == 0) return;
      scenario.sends(connection, stream);
      for (Peer::Frame frame; connection.read(frame);) {
        const std::size_t at = frame.type == Peer::goaway ? 4 : 0;
        if (frame.type != Peer::goaway && frame.type != Peer::reset) continue;
        std::uint32_t code = 0;
        for (const char byte : frame.payload.substr(at, 4)) code = code << 8U | static_cast<std::uint8_t>(byte);
        if (code != 0 && left_with == 0) left_with = code;
      }
    });
    Shard shard(ClientOptions{.base_url = peer.url(""), .timeout = 5s, .http_version = HttpVersion::http2});
    answer = get(shard, "/");
    CHECK(shard.recorder.samples.size() == 1);
    CHECK(shard.recorder.cut.empty());
    shard.turn_until([count = 0]() mutable { return ++count > 5; });
  }
  return left_with;
}

}  // namespace

TEST_CASE_TEMPLATE("HTTP/2: each rule of RFC 9113 for servers, by its section", Shard, KATYDID_FAST_SHARDS) {
  for (const Case& scenario : cases()) {
    CAPTURE(scenario.number);
    CAPTURE(scenario.what);
    Response answer;
    const std::uint32_t left_with = run<Shard>(scenario, answer);
    CAPTURE(answer.error());
    CAPTURE(left_with);
    if (scenario.expected == taken || scenario.expected == after_answer) {
      CHECK(answer.error() == "");
      if (scenario.expected == taken) CHECK(left_with == 0);
    } else {
      CHECK_FALSE(answer.ok());
      CHECK((answer.error().starts_with("HTTP2Error: ") || answer.error().starts_with("ProtocolError: ")));
      if (scenario.expected != told) CHECK(left_with == scenario.expected);
    }
  }
}

TEST_CASE_TEMPLATE("HTTP/2, 6.9.1/1: a body of five bytes waits for a window of one byte at a time", Shard,
                   KATYDID_FAST_SHARDS) {
  std::vector<std::size_t> pieces;
  std::string body;
  {
    Peer peer(
        [&](Connection& connection) {
          connection.answer(connection.next_request());  // which has seen the settings then
          const auto stream = connection.next_request();
          for (Peer::Frame frame; connection.read(frame);) {
            if (frame.type != Peer::data) continue;
            if (!frame.payload.empty()) pieces.push_back(frame.payload.size());
            body += frame.payload;
            if (frame.flags & Peer::end_stream) break;
            connection.send({.type = Peer::window, .stream = stream, .payload = Peer::number(1)});
          }
          connection.answer(stream);
          connection.wait_for_close();
        },
        std::string("\0\x04", 2) + Peer::number(1));
    Shard shard(ClientOptions{.base_url = peer.url(""), .timeout = 5s, .http_version = HttpVersion::http2});
    CHECK(get(shard, "/").ok());
    CHECK(ask(shard, [](auto& client) { return client.post("/", "12345"); }).ok());
  }
  CHECK(body == "12345");
  CHECK(pieces == std::vector<std::size_t>(5, 1));
}
