#include "tests/support/kept_spans.hpp"
#include "tests/websocket/websocket_harness.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace katydid;
using namespace std::chrono_literals;

namespace {

task<> talk(WebSocketClient& ws) {
  WebSocket socket = co_await ws.connect("/echo");
  co_await socket.ask("hello");
  co_await socket.send("one", "sent");
  co_await socket.receive();
  co_await socket.close(4000, "enough");
}

task<> open_traced_by_itself(WebSocketClient& ws) {
  WebSocket socket = co_await ws.connect("/echo", {.headers = {{"TraceParent", "00-mine"}}});
  co_await socket.ask("hello");
  co_await socket.close();
}

}  // namespace

TEST_CASE_TEMPLATE("a traced WebSocket says so as it opens, and its messages are below that span", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server(RawWebSocketServer::echo);
  Spans spans;
  Shard shard(server.url());
  shard.user.class_name = "Visitor";
  shard.run(talk(shard.ws));
  std::vector<std::string> names;
  for (const auto& each : spans.kept) names.push_back(each.method + " " + each.name);
  CHECK(names == std::vector<std::string>{"WS /echo", "WSC /echo", "WSS sent", "WSR /echo", "WS /echo close 4000"});
  const auto& opening = spans.kept.front();
  CHECK(opening.of == SpanOf::websocket);
  CHECK(opening.status == 101);
  CHECK(opening.parent.empty());
  CHECK(opening.user_class == "Visitor");
  CHECK(server.heads().front().find("traceparent: " + opening.traceparent + "\r\n") != std::string::npos);
  for (std::size_t i = 1; i < spans.kept.size(); ++i) {
    const auto& message = spans.kept[i];
    CHECK(message.of == SpanOf::message);
    CHECK(message.ids.trace == opening.ids.trace);
    CHECK(message.parent == hex_text(opening.ids.span.data(), opening.ids.span.size()));
    CHECK(message.ids.span != opening.ids.span);
    CHECK(message.error.empty());
  }
  CHECK(spans.kept[1].duration > 0ns);
  CHECK(spans.kept[2].duration == 0ns);
}

TEST_CASE_TEMPLATE("a WebSocket that is refused has a span with the server's status", Shard, KATYDID_WEBSOCKET_SHARDS) {
  RawServer server([](int fd) {
    RawServer::read_head(fd);
    RawServer::write(fd, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  });
  Spans spans;
  Shard shard(server.url());
  CHECK(shard.error_of(talk(shard.ws)).starts_with("HandshakeRefused: 404"));
  const auto span = spans.one();
  CHECK(span.of == SpanOf::websocket);
  CHECK(span.status == 404);
  CHECK(span.error.starts_with("HandshakeRefused"));
}

TEST_CASE_TEMPLATE("WebSockets: an own traceparent is sent as it is, and what is not in the share has none", Shard,
                   KATYDID_WEBSOCKET_SHARDS) {
  RawWebSocketServer server(RawWebSocketServer::echo);
  {
    Spans spans;
    Shard shard(server.url());
    shard.run(open_traced_by_itself(shard.ws));
    CHECK(spans.kept.empty());
  }
  Spans few(1e-19);
  Shard shard(server.url());
  shard.run(talk(shard.ws));
  CHECK(few.kept.empty());
  const auto heads = server.heads();
  REQUIRE(heads.size() == 2);
  CHECK(heads[0].find("TraceParent: 00-mine\r\n") != std::string::npos);
  CHECK(heads[1].find("traceparent") == std::string::npos);
}
