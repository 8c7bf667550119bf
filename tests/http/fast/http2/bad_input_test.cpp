// Servers that break the rules of HTTP/2, leave, or refuse: each request ends in one entry that says what happened.
#include "net/several.hpp"
#include "tests/http/fast/http2/peer.hpp"
#include "tests/http/http_client_harness.hpp"

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Peer = Http2Peer;

ClientOptions to(const Peer& peer) { return {.base_url = peer.url(""), .http_version = HttpVersion::http2}; }

/// What one request ends with whose connection gets these frames for an answer. Without the place.
template <class Shard>
std::string error_after(std::function<void(Peer::Connection&, std::uint32_t stream)> answer,
                        ClientOptions options = {}) {
  Peer peer([&](Peer::Connection& connection) {
    if (const auto stream = connection.next_request()) answer(connection, stream);
    connection.wait_for_close();
  });
  options.base_url = peer.url("");
  options.http_version = HttpVersion::http2;
  Shard shard(options);
  std::string error = get(shard, "/").error();
  CHECK(shard.recorder.samples.size() == 1);
  CHECK(shard.recorder.cut.empty());
  return error.substr(0, error.find(" (127.0.0.1:"));
}

}  // namespace

TEST_CASE_TEMPLATE("HTTP/2: provisional answers, trailers, padding and pings are taken", Shard, KATYDID_FAST_SHARDS) {
  Peer peer([](Peer::Connection& connection) {
    const auto stream = connection.next_request();
    const auto head = [&](std::string payload, std::uint8_t flags = Peer::end_headers) {
      connection.send({.type = Peer::headers, .flags = flags, .stream = stream, .payload = std::move(payload)});
    };
    connection.send({.type = Peer::ping, .payload = "12345678"});
    head(Peer::status(103) + Peer::field("link", "</a>"));
    head(Peer::status(100));
    connection.send({.type = 99, .payload = "an unknown frame"});
    head(Peer::status(200) + Peer::field("x-own", "1"), Peer::none);
    connection.send({.type = Peer::continuation,
                     .flags = Peer::end_headers,
                     .stream = stream,
                     .payload = Peer::field("x-more", "2")});
    connection.send({.type = Peer::data,
                     .flags = Peer::padded,
                     .stream = stream,
                     .payload = std::string("\x04") + "body" + std::string(4, '\0')});
    head(Peer::field("x-checksum", "3"), Peer::end_headers | Peer::end_stream);
    Peer::Frame frame;
    while (connection.read(frame) && !(frame.type == Peer::ping && frame.flags == Peer::ack)) {
    }
    CHECK(frame.payload == "12345678");
    connection.wait_for_close();
  });
  {
    Shard shard(to(peer));
    const auto answer = get(shard, "/");
    CHECK(answer.error() == "");
    CHECK(answer.body() == "body");
    CHECK(answer.headers().size() == 2);
    CHECK(answer.header("X-More") == "2");
    shard.turn_until([count = 0]() mutable { return ++count > 5; });
  }
}

TEST_CASE_TEMPLATE("HTTP/2: what breaks the rules is an error that says what", Shard, KATYDID_FAST_SHARDS) {
  const auto with_head = [](std::string fields) {
    return error_after<Shard>([fields](Peer::Connection& connection, std::uint32_t stream) {
      connection.send(
          {.type = Peer::headers, .flags = Peer::end_headers | Peer::end_stream, .stream = stream, .payload = fields});
    });
  };
  const auto with = [](Peer::Frame frame) {
    return error_after<Shard>([frame](Peer::Connection& connection, std::uint32_t) { connection.send(frame); });
  };
  const std::string broken = "HTTP2Error: the server broke the rules";
  CHECK(with_head(Peer::field("x", "1")) == "ProtocolError: the status makes no sense: '1'");
  CHECK(with_head(Peer::status(200) + Peer::field("Upper", "1")).starts_with(broken));
  CHECK(with_head(Peer::status(200) + Peer::field("connection", "close")).starts_with(broken));
  CHECK(with_head(Peer::status(200) + Peer::field("transfer-encoding", "chunked")).starts_with(broken));
  CHECK(with_head(Peer::status(200) + Peer::field("x", "a\r\nb")).starts_with(broken));
  CHECK(with_head(Peer::status(101)).starts_with(broken));
  CHECK(with_head(Peer::status(200) + Peer::field("content-length", "5")).starts_with(broken));
  CHECK(with_head("\xff\xff\xff\xff\xff\xff\xff\xff").find("COMPRESSION_ERROR") != std::string::npos);
  CHECK(with({.type = Peer::data, .stream = 0, .payload = "x"}).starts_with(broken));
  CHECK(with({.type = Peer::data, .stream = 77, .payload = "x"}).starts_with(broken));
  CHECK(with({.type = Peer::continuation, .stream = 1, .payload = "x"}).starts_with(broken));
  CHECK(with({.type = Peer::ping, .payload = "short"}).starts_with(broken));
  CHECK(with({.type = Peer::settings, .payload = "short"}).starts_with(broken));
  CHECK(with({.type = Peer::data, .stream = 1, .payload = std::string(20'000, 'x')}).starts_with(broken));
  CHECK(with({.type = Peer::window, .payload = Peer::number(0)}).starts_with(broken));
  CHECK(with({.type = Peer::window, .payload = Peer::number(0x7fffffff)}).starts_with(broken));
  CHECK(with({.type = Peer::window, .stream = 1, .payload = Peer::number(0x7fffffff)}).starts_with("HTTP2Error: "));
  CHECK(with({.type = Peer::push_promise,
              .flags = Peer::end_headers,
              .stream = 1,
              .payload = Peer::number(2) + Peer::field(":method", "GET")})
            .starts_with(broken));
  CHECK(with({.type = Peer::reset, .stream = 1, .payload = Peer::number(2)}) ==
        "HTTP2Error: the server reset the stream: INTERNAL_ERROR");
  const auto wrong_length = error_after<Shard>([](Peer::Connection& connection, std::uint32_t stream) {
    connection.send({.type = Peer::headers,
                     .flags = Peer::end_headers,
                     .stream = stream,
                     .payload = Peer::status(200) + Peer::field("content-length", "5")});
    connection.send({.type = Peer::data, .flags = Peer::end_stream, .stream = stream, .payload = "four"});
  });
  CHECK(wrong_length.starts_with(broken));
}

TEST_CASE_TEMPLATE("HTTP/2: floods and bombs have bounds", Shard, KATYDID_FAST_SHARDS) {
  const auto flood = [](Peer::Frame frame) {
    return error_after<Shard>([frame](Peer::Connection& connection, std::uint32_t) {
      std::string bytes;
      for (int i = 0; i < 20'000; ++i) bytes += Peer::bytes_of(frame);
      connection.send_raw(bytes);
    });
  };
  CHECK(flood({.type = Peer::ping, .payload = "12345678"}).starts_with("HTTP2Error: "));
  CHECK(flood({.type = Peer::settings}).starts_with("HTTP2Error: "));
  const auto continuations = error_after<Shard>([](Peer::Connection& connection, std::uint32_t stream) {
    connection.send({.type = Peer::headers, .stream = stream, .payload = Peer::status(200)});
    for (int i = 0; i < 200; ++i) {
      connection.send({.type = Peer::continuation, .stream = stream, .payload = Peer::field("x", "1")});
    }
  });
  CHECK(continuations.starts_with("HTTP2Error: "));
  // A field of 4,000 bytes that is named again and again by one byte.
  const auto bomb = error_after<Shard>([](Peer::Connection& connection, std::uint32_t stream) {
    const std::string value(3'900, 'v');
    std::string payload = Peer::status(200) + '\x40' + '\x01' + 'x';
    payload += std::string("\x7f", 1) + static_cast<char>(0x80 | ((3'900 - 127) & 127)) +
               static_cast<char>((3'900 - 127) >> 7U) + value;
    payload.append(10'000, '\xbe');  // the newest entry of the table
    connection.send(
        {.type = Peer::headers, .flags = Peer::end_headers | Peer::end_stream, .stream = stream, .payload = payload});
  });
  CHECK(bomb == "HeadersTooLarge: the headers of the answer are too large");
  const auto endless = error_after<Shard>(
      [](Peer::Connection& connection, std::uint32_t stream) {
        connection.send(
            {.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = Peer::status(200)});
        for (int i = 0; i < 100; ++i) {
          connection.send({.type = Peer::data, .stream = stream, .payload = std::string(1'000, 'x')});
        }
      },
      {.max_body = 50'000});
  CHECK(endless == "BodyTooLarge: the answer has more than 50000 bytes (max_body)");
  const auto silent = error_after<Shard>([](Peer::Connection&, std::uint32_t) {}, {.timeout = 100ms});
  CHECK(silent == "Timeout: no complete answer within 100 ms");
}

TEST_CASE_TEMPLATE("HTTP/2: what the server has not looked at is sent again", Shard, KATYDID_FAST_SHARDS) {
  std::atomic<int> connections = 0, requests = 0;
  Peer peer([&](Peer::Connection& connection) {
    const int number = ++connections;
    for (std::uint32_t stream = 0; (stream = connection.next_request()) != 0;) {
      ++requests;
      if (number == 1 && stream == 1) {
        connection.send({.type = Peer::reset, .stream = stream, .payload = Peer::number(7)});  // REFUSED_STREAM
      } else if (number == 1 && stream == 3) {
        connection.answer(stream);
      } else if (number == 1) {  // it leaves without the last one
        connection.send({.type = Peer::goaway, .payload = Peer::number(3) + Peer::number(0)});
        return connection.wait_for_close();
      } else {
        connection.answer(stream, "again");
      }
    }
  });
  Shard shard(to(peer));
  const auto post = [&] { return ask(shard, [](auto& client) { return client.post("/", "once"); }); };
  CHECK(post().body() == "fine");
  CHECK(post().body() == "again");
  CHECK(shard.recorder.samples.size() == 2);
  CHECK(connections == 2);
  CHECK(requests == 4);
}

TEST_CASE_TEMPLATE("HTTP/2: what has come of an answer that is refused then is not its length", Shard,
                   KATYDID_FAST_SHARDS) {
  Peer peer([](Peer::Connection& connection) {
    for (int number = 0; const auto stream = connection.next_request(); ++number) {
      if (number > 0) {
        connection.answer(stream, "again");
        continue;
      }
      connection.send(
          {.type = Peer::headers, .flags = Peer::end_headers, .stream = stream, .payload = Peer::status(200)});
      connection.send({.type = Peer::data, .stream = stream, .payload = std::string(1'000, 'x')});
      connection.send({.type = Peer::reset, .stream = stream, .payload = Peer::number(7)});  // REFUSED_STREAM
    }
  });
  Shard shard(to(peer));
  const RequestOptions options{.discard_body = true, .checksum = "crc32"};
  const auto response = ask(shard, [&](auto& client) { return client.get("/", options); });
  CHECK_MESSAGE(response.length() == 5, response.error());
  CHECK(response.checksum() == "93a15bfc");
}

TEST_CASE_TEMPLATE("HTTP/2: a server that refuses always is an error in the end", Shard, KATYDID_FAST_SHARDS) {
  Peer peer([](Peer::Connection& connection) {
    while (const auto stream = connection.next_request()) {
      connection.send({.type = Peer::reset, .stream = stream, .payload = Peer::number(7)});
    }
  });
  Shard shard(to(peer));
  CHECK(get(shard, "/").error().starts_with("HTTP2Error: the server refused the request: REFUSED_STREAM (127.0.0.1:"));
}

TEST_CASE_TEMPLATE("HTTP/2: a connection that ends takes what it has answered to its end, and no POST twice", Shard,
                   KATYDID_FAST_SHARDS) {
  std::atomic<int> requests = 0;
  Peer peer([&](Peer::Connection& connection) {
    const auto first = connection.next_request();
    ++requests;
    connection.answer(first);
    while (const auto stream = connection.next_request()) {
      if (++requests % 2 == 1) return;  // closes without an answer
      if (stream == 1) connection.answer(stream);
    }
  });
  Shard shard(to(peer));
  CHECK(get(shard, "/").ok());
  const auto body = [](auto& user) -> task<> {
    auto [read, written] = co_await all(user.client.get("/"), user.client.post("/", "once"));
    CHECK(read.ok());  // on another connection
    CHECK(written.error().starts_with("RemoteDisconnected: the server closed the connection without an answer"));
  };
  shard.run(body(shard.user));
  CHECK(shard.recorder.samples.size() == 3);
}

TEST_CASE_TEMPLATE("HTTP/2: an error with which the server ends the connection is told", Shard, KATYDID_FAST_SHARDS) {
  Peer peer([](Peer::Connection& connection) {
    const auto stream = connection.next_request();
    connection.send({.type = Peer::goaway, .payload = Peer::number(stream) + Peer::number(11) + "too_many"});
  });
  Shard shard(to(peer));
  CHECK(get(shard, "/")
            .error()
            .starts_with("HTTP2Error: the server ended the connection: ENHANCE_YOUR_CALM, too_many (127.0.0.1:"));
}

TEST_CASE_TEMPLATE("HTTP/2: requests wait where the server takes few at once", Shard, KATYDID_FAST_SHARDS) {
  std::atomic<int> most = 0;
  Peer peer(
      [&](Peer::Connection& connection) {
        std::vector<std::uint32_t> open;
        connection.answer(connection.next_request());
        for (int left = 10; left > 0;) {  // two at a time
          const auto stream = connection.next_request();
          if (stream == 0) return;
          open.push_back(stream);
          most = std::max(most.load(), static_cast<int>(open.size()));
          if (open.size() < 2 && left > 1) continue;
          for (const auto each : open) connection.answer(each);
          left -= static_cast<int>(open.size());
          open.clear();
        }
        connection.wait_for_close();
      },
      std::string("\0\x03", 2) + Http2Peer::number(2));
  Shard shard(to(peer));
  CHECK(get(shard, "/").ok());
  const auto body = [](auto& user) -> task<> {
    std::vector<decltype(user.client.get("/"))> requests;
    for (int i = 0; i < 10; ++i) requests.push_back(user.client.get("/"));
    for (const auto& answer : co_await all(std::move(requests))) CHECK(answer.error() == "");
  };
  shard.run(body(shard.user));
  CHECK(most == 2);
}

TEST_CASE_TEMPLATE("HTTP/2: a server of HTTP/1.1 is told apart", Shard, KATYDID_FAST_SHARDS) {
  Shard shard(ClientOptions{.base_url = test_target().url(), .http_version = HttpVersion::http2});
  CHECK(get(shard, "/hello")
            .error()
            .starts_with("HTTP2Error: the server does not speak HTTP/2, and http_version asks for it (127.0.0.1:"));
  CHECK(ask(shard, [](auto& client) { return client.get("/hello", {.proxy = "http://127.0.0.1:9"}); })
            .error()
            .starts_with("InvalidRequest: a proxy that forwards"));
}
