#include "net/several.hpp"
#include "net/sleep.hpp"
#include "tests/websocket/websocket_harness.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Entries = std::vector<std::string>;

/// "text", or "nothing".
std::string shown(const std::optional<WebSocketMessage>& message) { return message ? message->data : "nothing"; }

}  // namespace

TEST_CASE_TEMPLATE("messages go, come, and are answered; a ping and a close are, too", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server(RawWebSocketServer::echo);
  Shard shard(server.url());
  shard.run([](WebSocketClient& ws) -> task<> {
    WebSocket socket = co_await ws.connect("/echo");
    CHECK(socket.is_open());
    CHECK(shown(co_await socket.ask("hello")) == "hello");
    const auto binary = co_await socket.ask_binary("\xff\xfe", {.name = "bytes"});
    CHECK(binary.data == "\xff\xfe");
    CHECK_FALSE(binary.is_text);
    co_await socket.send("one", "sent");
    co_await socket.send_binary("two");
    CHECK(shown(co_await socket.receive()) == "one");
    CHECK(shown(co_await socket.receive()) == "two");
    co_await socket.ping();
    co_await socket.close(4000, "enough");
    CHECK_FALSE(socket.is_open());
    CHECK(socket.close_code() == 4000);
    CHECK(shown(co_await socket.receive()) == "nothing");
  }(shard.ws));
  CHECK(shard.entries() == Entries{"WS /echo", "WSC /echo", "WSC bytes", "WSS sent", "WSS /echo", "WSR /echo",
                                   "WSR /echo", "WS /echo ping", "WS /echo close 4000"});
}

TEST_CASE_TEMPLATE("large messages, both ways, and many that nobody has received yet", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server(RawWebSocketServer::echo);
  Shard shard(server.url());
  shard.run([](WebSocketClient& ws) -> task<> {
    WebSocket socket = co_await ws.connect("/");
    for (std::size_t size : {125, 126, 65535, 65536, 3'000'000}) {
      const std::string text(size, 'x');
      CHECK(shown(co_await socket.ask(text)) == text);
    }
    for (int i = 0; i < 40; ++i) co_await socket.send(std::string(50'000, static_cast<char>('a' + i % 26)));
    for (int i = 0; i < 40; ++i) {
      const auto message = co_await socket.receive();
      REQUIRE(message);
      CHECK(message->data.size() == 50'000);
      CHECK(message->data.front() == 'a' + i % 26);
    }
    co_await socket.close();
  }(shard.ws));
}

TEST_CASE_TEMPLATE("a close of the server's: what came before it is received, then nothing", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  std::vector<ClientFrame> came;
  RawWebSocketServer server([&](int fd) {
    RawServer::write(fd, text_frame("last") + close_frame(1001, "going"));
    came = RawWebSocketServer::read_frames(fd);
  });
  {
    Shard shard(server.url());
    shard.run([](WebSocketClient& ws) -> task<> {
      WebSocket socket = co_await ws.connect("/");
      co_await sleep(50ms);
      CHECK(shown(co_await socket.receive()) == "last");
      CHECK(shown(co_await socket.receive()) == "nothing");
      CHECK(socket.close_code() == 1001);
      CHECK(socket.close_reason() == "going");
      CHECK_THROWS_WITH_AS(co_await socket.send("late"),
                           "ConnectionClosed: the server closed the WebSocket with 1001 going", WebSocketError);
    }(shard.ws));
    CHECK(shard.entries() == Entries{"WS /", "WS / close 1001", "WSR /",
                                     "WSS /: ConnectionClosed: the server closed the WebSocket with 1001 going"});
  }
}

TEST_CASE_TEMPLATE("much that nobody has received holds back no answer, pong or close", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server([](int fd) {
    const auto push = [fd] {
      for (int i = 0; i < 30; ++i) RawServer::write(fd, text_frame(std::string(60'000, 'x')));
    };
    push();
    for (ClientFrame frame; (frame = RawWebSocketServer::read_frame(fd)).first != 0;) {
      push();
      if (frame.first == 0x81) RawServer::write(fd, text_frame("answer to " + frame.payload));
      if (frame.first == 0x89)
        RawServer::write(fd, "\x8a" + std::string(1, static_cast<char>(frame.payload.size())) + frame.payload);
      if (frame.first == 0x88) return RawServer::write(fd, close_frame(1000));
    }
  });
  Shard shard(server.url());
  shard.run([](WebSocketClient& ws) -> task<> {
    WebSocket socket = co_await ws.connect("/", {.timeout = 3s, .close_timeout = 3s});
    co_await sleep(100ms);
    const auto is_it = [](const WebSocketMessage& message) { return message.data.starts_with("answer"); };
    const auto answer = co_await socket.ask("me", {.answer = is_it});
    CHECK(answer.data == "answer to me");
    co_await socket.ping();
    const auto pushed = co_await socket.receive();
    CHECK(pushed->data.size() == 60'000);
    co_await socket.close();
    CHECK(socket.close_code() == 1000);
  }(shard.ws));
  CHECK(shard.entries() == Entries{"WS /", "WSC /", "WS / ping", "WSR /", "WS / close 1000"});
}

TEST_CASE("a close that tells of trouble, and the ends without one, are failures") {
  using Shard = WebSocketShard<EventLoop::automatic>;
  const auto ending = [](std::string bytes) {
    RawWebSocketServer server([bytes](int fd) { RawServer::write(fd, bytes); });
    Shard shard(server.url());
    const auto error = shard.error_of([](WebSocketClient& ws) -> task<> {
      WebSocket socket = co_await ws.connect("/");
      co_await socket.ask("anybody there?");
    }(shard.ws));
    auto entries = shard.entries();
    REQUIRE(entries.size() >= 3);
    CHECK(entries[0] == "WS /");
    CHECK(error.substr(0, 20) == entries[2].substr(entries[2].find(": ") + 2, 20));
    CHECK(entries[2].starts_with("WSC /: "));
    return entries[1].substr(0, entries[1].find(" (127.0.0.1:"));
  };
  CHECK(ending(close_frame(1011, "oops")) ==
        "WS / close 1011: ConnectionClosed: the server closed the WebSocket with 1011 oops");
  CHECK(ending(close_frame(1000)) == "WS / close 1000");
  CHECK(ending("").starts_with("WS / close 1006: Connection"));
  CHECK(ending("\x81\x05hal").starts_with("WS / close 1006: Connection"));
}

TEST_CASE_TEMPLATE("what breaks the rules ends the connection, with the code that it asks for", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  const auto code_for = [](std::string bytes, bool compression = false) {
    std::vector<ClientFrame> came;
    std::string entry;
    {
      RawWebSocketServer server(
          [&](int fd) {
            RawServer::write(fd, bytes);
            came = RawWebSocketServer::read_frames(fd);
          },
          compression ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
      Shard shard(server.url());
      shard.error_of([](WebSocketClient& ws, bool compress) -> task<> {
        WebSocket socket = co_await ws.connect("/", {.compression = compress, .max_message = 100});
        while (co_await socket.receive()) continue;
      }(shard.ws, compression));
      entry = shard.entries().back();
    }
    CHECK(entry.starts_with("WS / close 1006: "));
    REQUIRE(came.size() == 1);
    CHECK(came[0].first == 0x88);
    CHECK(came[0].masked);
    REQUIRE(came[0].payload.size() == 2);
    return static_cast<unsigned char>(came[0].payload[0]) * 256 + static_cast<unsigned char>(came[0].payload[1]);
  };
  CHECK(code_for("\x81\x85"
                 "abcdhello") == 1002);
  CHECK(code_for(raw_frame(0x83, "")) == 1002);
  CHECK(code_for(raw_frame(0xc1, "x")) == 1002);
  CHECK(code_for(raw_frame(0x88, "x")) == 1002);
  CHECK(code_for(text_frame("\xff")) == 1007);
  CHECK(code_for(text_frame(std::string(101, 'x'))) == 1009);
  CHECK(code_for(raw_frame(0xc1, "\xff\xff\xff"), true) == 1007);
}

TEST_CASE("pings of the server are answered with what they hold, between fragments as well") {
  std::vector<ClientFrame> came;
  {
    RawWebSocketServer server([&](int fd) {
      RawServer::write(fd, raw_frame(0x01, "a") + raw_frame(0x89, "one") + raw_frame(0x80, "b") + raw_frame(0x89, ""));
      came = RawWebSocketServer::read_frames(fd);
    });
    WebSocketShard<EventLoop::automatic> shard(server.url());
    shard.run([](WebSocketClient& ws) -> task<> {
      WebSocket socket = co_await ws.connect("/");
      CHECK(shown(co_await socket.receive()) == "ab");
      co_await sleep(50ms);
    }(shard.ws));
  }
  REQUIRE(came.size() == 3);
  CHECK(came[0].first == 0x8a);
  CHECK(came[0].payload == "one");
  CHECK(came[1].payload.empty());
  CHECK(came[2].first == 0x88);
  CHECK(came[2].payload == close_payload(1001, ""));
}

TEST_CASE_TEMPLATE("several questions at once are answered in order, or by what is looked for", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server([](int fd) {
    std::string answers;
    for (int i = 0; i < 4; ++i) answers = text_frame("re " + RawWebSocketServer::read_frame(fd).payload) + answers;
    RawServer::write(fd, text_frame("pushed") + answers);
    RawServer::wait_for_close(fd);
  });
  Shard shard(server.url());
  shard.run([](WebSocketClient& ws) -> task<> {
    WebSocket socket = co_await ws.connect("/");
    const auto answers = [](const char* to) {
      return [to](const WebSocketMessage& message) { return message.data == "re " + std::string(to); };
    };
    const auto to_a = answers("a"), to_b = answers("b"), to_c = answers("c");
    const auto all_of_them = co_await all(socket.ask("a", {.answer = to_a}), socket.ask("b", {.answer = to_b}),
                                          socket.ask("c", {.answer = to_c}), socket.ask("d"));
    CHECK(std::get<0>(all_of_them).data == "re a");
    CHECK(std::get<1>(all_of_them).data == "re b");
    CHECK(std::get<2>(all_of_them).data == "re c");
    CHECK(std::get<3>(all_of_them).data == "pushed");
    CHECK(shown(co_await socket.receive()) == "re d");
  }(shard.ws));
}

TEST_CASE_TEMPLATE("limits of time", Shard, KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server(RawServer::wait_for_close);
  Shard shard(server.url());
  const auto error = [&](auto what, WebSocketOptions options) {
    return shard.error_of([](WebSocketClient& ws, auto act, WebSocketOptions with) -> task<> {
      WebSocket socket = co_await ws.connect("/", with);
      co_await act(socket);
    }(shard.ws, what, options));
  };
  const auto ask = [](WebSocket& socket) -> task<> { co_await socket.ask("x"); };
  const auto receive = [](WebSocket& socket) -> task<> { co_await socket.receive(30ms); };
  const auto wait = [](WebSocket& socket) -> task<> { co_await socket.receive(); };
  const auto ping = [](WebSocket& socket) -> task<> { co_await socket.ping(30ms); };
  const auto close = [](WebSocket& socket) -> task<> { co_await socket.close(); };
  CHECK(error(ask, {.timeout = 30ms}).starts_with("Timeout: no answer within 30 ms (127.0.0.1:"));
  CHECK(shard.entries()[1].starts_with("WSC /: Timeout: no answer within 30 ms"));
  CHECK(error(receive, {}).starts_with("Timeout: no message within 30 ms (127.0.0.1:"));
  CHECK(shard.entries() == Entries{"WS /"});
  CHECK(error(ping, {}).starts_with("Timeout: no pong within 30 ms (127.0.0.1:"));
  CHECK(shard.entries()[1].starts_with("WS / ping: Timeout"));
  CHECK(error(wait, {.ping_interval = 20ms, .ping_timeout = 30ms}).starts_with("Timeout: no pong within 30 ms"));
  CHECK(shard.entries()[1].starts_with("WS / close 1006: Timeout: no pong within 30 ms"));
  CHECK(error(close, {.close_timeout = 30ms}).starts_with("Timeout: no close frame within 30 ms (127.0.0.1:"));
  CHECK(shard.entries()[1].starts_with("WS / close 1006: Timeout: no close frame within 30 ms"));

  RawServer silent(RawServer::wait_for_close);
  Shard other(silent.url());
  CHECK(other
            .error_of([](WebSocketClient& ws) -> task<> {
              WebSocket socket = co_await ws.connect("/", {.open_timeout = 30ms});
            }(other.ws))
            .starts_with("ConnectTimeout: no WebSocket within 30 ms (127.0.0.1:"));
}

TEST_CASE_TEMPLATE("a keepalive keeps a quiet connection, and counts as nothing", Shard, KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server(RawWebSocketServer::echo);
  Shard shard(server.url());
  shard.run([](WebSocketClient& ws) -> task<> {
    WebSocket socket = co_await ws.connect("/", {.ping_interval = 10ms, .ping_timeout = 2s});
    co_await sleep(100ms);
    CHECK(shown(co_await socket.ask("still there?")) == "still there?");
  }(shard.ws));
  CHECK(shard.entries() == Entries{"WS /", "WSC /"});
}

TEST_CASE_TEMPLATE("what is cut is listed, and received in the moment that a user is given", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  std::vector<ClientFrame> came;
  {
    RawWebSocketServer server([&](int fd) { came = RawWebSocketServer::read_frames(fd); });
    Shard shard(server.url());
    {
      task<> work = [](WebSocketClient& ws) -> task<> {
        WebSocket socket = co_await ws.connect("/", {.name = "room"});
        co_await socket.ask("never answered", {.name = "question"});
      }(shard.ws);
      work.start(shard.user);
      shard.turn_until([&] { return shard.recorder.samples.size() == 1; });
      CHECK(shard.user.requests_in_flight == 1);
    }
    CHECK(shard.user.requests_in_flight == 0);
    CHECK(shard.recorder.cut == std::vector<std::pair<std::string, std::string>>{{"WSC", "question"}});
    CHECK(shard.entries() == Entries{"WS room"});
    shard.user.cancelled = true;
    task<> parked = [](WebSocketClient& ws) -> task<> { WebSocket socket = co_await ws.connect("/"); }(shard.ws);
    parked.start(shard.user);
    CHECK(shard.user.parked == 1);
  }
  // An io_uring that is still sending the question when its stream is let go of sends no close after it.
  REQUIRE(!came.empty());
  if (came.size() > 1) CHECK(came[1].first == 0x88);
}

TEST_CASE_TEMPLATE("compressed messages", Shard, KATYDID_WEBSOCKET_SHARDS) {
  std::vector<ClientFrame> came;
  {
    RawWebSocketServer server(
        [&](int fd) {
          for (int i = 0; i < 3; ++i) {
            came.push_back(RawWebSocketServer::read_frame(fd));
            RawServer::write(fd, raw_frame(came.back().first, came.back().payload));
          }
          RawServer::wait_for_close(fd);
        },
        "Sec-WebSocket-Extensions: permessage-deflate\r\n");
    Shard shard(server.url());
    shard.run([](WebSocketClient& ws) -> task<> {
      WebSocket socket = co_await ws.connect("/", {.compression = true});
      const std::string text = "a text that comes three times: what was sent before is what the next is made of";
      for (int i = 0; i < 3; ++i) CHECK(shown(co_await socket.ask(text)) == text);
    }(shard.ws));
    CHECK(server.heads()[0].find("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n") !=
          std::string::npos);
  }
  REQUIRE(came.size() == 3);
  CHECK(came[0].first == 0xc1);
  CHECK(came[1].payload.size() < came[0].payload.size() / 3);
}
