#include "websocket/handshake.hpp"

#include "tests/support/tls_server.hpp"
#include "tests/websocket/websocket_harness.hpp"

#include <doctest/doctest.h>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

using Shard = WebSocketShard<EventLoop::automatic>;

/// What opening a WebSocket fails with where the server answers so; "KEY" is what it has to accept by.
struct Refusal {
  explicit Refusal(const std::string& answer, const WebSocketOptions& options = {}) {
    RawServer server([&](int fd) {
      const auto head = RawServer::read_head(fd);
      std::string text = answer;
      if (text == "101") text = RawWebSocketServer::switching(head);
      if (const auto at = text.find("KEY"); at != text.npos) {
        const auto start = head.find("Sec-WebSocket-Key: ") + 19;
        text.replace(at, 3, accept_of(head.substr(start, 24)));
      }
      RawServer::write(fd, text);
    });
    Shard shard(server.url());
    try {
      shard.run([](WebSocketClient& ws, const WebSocketOptions& with) -> task<> {
        WebSocket socket = co_await ws.connect("/chat", with);
      }(shard.ws, options));
    } catch (const WebSocketError& failure) {
      error = failure.what();
      status = failure.status;
      body = failure.body;
    }
    const auto place = error.rfind(" (127.0.0.1:");
    if (place != error.npos) error.resize(place);
    entries = shard.entries();
  }

  std::string error, body;
  int status = 0;
  std::vector<std::string> entries;
};

const std::string good_head =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n";

}  // namespace

TEST_CASE("the example of RFC 6455, 1.3") {
  CHECK(accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(new_handshake_key().size() == 24);
  CHECK(new_handshake_key() != new_handshake_key());
}

TEST_CASE("what a server that agrees must say") {
  CHECK(Refusal("101").error.empty());
  CHECK(Refusal(good_head + "\r\n").error.empty());
  CHECK(Refusal("HTTP/1.1 101 X\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n\r\n").error ==
        "HandshakeError: the server's Upgrade is none and not 'websocket'");
  CHECK(Refusal("HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n\r\n").error ==
        "HandshakeError: the server's Upgrade is 'h2c' and not 'websocket'");
  CHECK(
      Refusal("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: KEY\r\n\r\n").error ==
      "HandshakeError: the server's Connection is 'close' and not 'Upgrade'");
  CHECK(Refusal("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n").error ==
        "HandshakeError: the server's answer has no Sec-WebSocket-Accept");
  CHECK(
      Refusal("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n").error ==
      "HandshakeError: the server's Sec-WebSocket-Accept is not the answer to our key");
  CHECK(Refusal(good_head + "Content-Length: 5\r\n\r\nhello").error ==
        "ProtocolError: a switch of protocols with a body");
}

TEST_CASE("subprotocols and extensions are those that were offered") {
  CHECK(Refusal(good_head + "Sec-WebSocket-Protocol: v1\r\n\r\n").error ==
        "HandshakeError: the server chose the subprotocol 'v1', which was not offered");
  CHECK(Refusal(good_head + "Sec-WebSocket-Protocol: v1\r\n\r\n", {.subprotocols = {"v2", "v1"}}).error.empty());
  CHECK(Refusal(good_head + "Sec-WebSocket-Protocol: v1, v2\r\n\r\n", {.subprotocols = {"v2", "v1"}}).error ==
        "HandshakeError: the server chose the subprotocol 'v1, v2', which was not offered");
  const std::string deflate = "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=";
  CHECK(Refusal(good_head + deflate + "10\r\n\r\n").error ==
        "HandshakeError: the server answered with an extension that was not offered");
  CHECK(Refusal(good_head + deflate + "10\r\n\r\n", {.compression = true}).error.empty());
  CHECK(Refusal(good_head + deflate + "99\r\n\r\n", {.compression = true}).error ==
        "HandshakeError: the server answered with permessage-deflate with server_max_window_bits=99");
  CHECK(Refusal("", {.subprotocols = {"two words"}}).error ==
        "InvalidHeader: a subprotocol's name is no token: 'two words'");
}

TEST_CASE("a refusal has its status and body, and is one failure") {
  const Refusal refused("HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nlog in!!!");
  CHECK(refused.error == "HandshakeRefused: 403 Forbidden");
  CHECK(refused.status == 403);
  CHECK(refused.body == "log in!!!");
  REQUIRE(refused.entries.size() == 1);
  CHECK(refused.entries[0].starts_with("WS /chat: HandshakeRefused: 403 Forbidden (127.0.0.1:"));
  CHECK(Refusal("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").error == "HandshakeRefused: 200 OK");
  CHECK(Refusal("HTTP/1.1 500 X\r\nContent-Length: 999999\r\n\r\n").error == "HandshakeRefused: 500 X");
  const Refusal long_one("HTTP/1.1 404 Not Found\r\n\r\n" + std::string(100'000, 'x'));
  CHECK(long_one.error == "HandshakeRefused: 404 Not Found");
  CHECK(long_one.body.size() == 64 * 1024);
  CHECK(Refusal("HTTP/1.1 302 Found\r\nLocation: /login?a=1\r\nContent-Length: 0\r\n\r\n")
            .error.starts_with("HandshakeRefused: 302 Found to ws://127.0.0.1:"));
  CHECK(Refusal("HTTP/1.1 302 Found\r\nLocation: /login?a=1\r\nContent-Length: 0\r\n\r\n")
            .error.ends_with("/login?a=1; a WebSocket follows no redirect"));
  CHECK(Refusal("").error == "RemoteDisconnected: the server closed the connection without an answer");
  CHECK(Refusal("SSH-2.0-x\r\n").error.starts_with("ProtocolError: the answer is not HTTP/1"));
}

TEST_CASE_TEMPLATE("the request has what it needs, headers of the user, and cookies both ways", TestedShard,
                   KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server(RawWebSocketServer::echo, "Set-Cookie: session=2; Path=/\r\n");
  TestedShard shard(ClientOptions{.base_url = server.url(), .headers = {{"X-Client", "yes"}}});
  const auto once = [&] {
    shard.run([](WebSocketClient& ws) -> task<> {
      WebSocket socket = co_await ws.connect("/chat", {.name = "chat",
                                                       .subprotocols = {"v2", "v1"},
                                                       .headers = {{"X-Own", "1"}, {"Upgrade", "nonsense"}},
                                                       .params = {{"room", "a b"}},
                                                       .cookies = {{"own", "3"}},
                                                       .origin = "https://site.test"});
      co_await socket.close();
    }(shard.ws));
  };
  once();
  once();
  CHECK(shard.entries() == std::vector<std::string>{"WS chat", "WS chat close 1000", "WS chat", "WS chat close 1000"});
  const auto heads = server.heads();
  REQUIRE(heads.size() == 2);
  CHECK(heads[0].starts_with("GET /chat?room=a+b HTTP/1.1\r\nHost: 127.0.0.1:"));
  for (const char* line :
       {"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: v2, v1",
        "Origin: https://site.test", "X-Own: 1", "X-Client: yes", "Cookie: own=3"}) {
    CAPTURE(line);
    CHECK(heads[0].find("\r\n" + std::string(line) + "\r\n") != std::string::npos);
  }
  CHECK(heads[0].find("nonsense") == std::string::npos);
  CHECK(heads[0].find("Accept-Encoding") == std::string::npos);
  CHECK(heads[1].find("\r\nCookie: session=2; own=3\r\n") != std::string::npos);
}

TEST_CASE("URLs that lead nowhere") {
  Shard shard(ClientOptions{});
  const auto error = [&](std::string_view url) {
    return shard.error_of([](WebSocketClient& ws, std::string_view to) -> task<> {
      WebSocket socket = co_await ws.connect(to);
    }(shard.ws, url));
  };
  CHECK(error("/chat").starts_with("InvalidURL: a WebSocket needs a ws:// or wss:// URL, or a host: /chat"));
  CHECK(error("ws://host:nan/").starts_with("InvalidURL: the URL has no valid host and port"));
  const ClosedPort closed;
  CHECK(error("ws://127.0.0.1:" + std::to_string(closed.port())).starts_with("ConnectionRefusedError: [Errno 111]"));
  CHECK(shard.entries().size() == 3);
}
