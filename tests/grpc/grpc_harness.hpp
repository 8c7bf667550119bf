#pragma once

#include "grpc/client.hpp"
#include "http/content/gzip.hpp"
#include "tests/http/fast/http2/peer.hpp"
#include "tests/http/http_client_harness.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace katydid {

using Peer = Http2Peer;

template <EventLoop Kind>
struct GrpcShard : TestShard<FastHttpClient, FastEngine, Kind> {
  using Base = TestShard<FastHttpClient, FastEngine, Kind>;
  using Base::Base;
  GrpcClient grpc{this->user.client};

  /// "grpc name", and ": error" of a failure, of the one thing recorded since the last call.
  std::string entry() {
    const auto entry = this->recorded();
    return entry.method + " " + entry.name + (entry.error.empty() ? "" : ": " + entry.error);
  }
};

/// For TEST_CASE_TEMPLATE.
#define KATYDID_GRPC_SHARDS GrpcShard<EventLoop::automatic>, GrpcShard<EventLoop::epoll>, GrpcShard<EventLoop::asio>

/// A connection whose frames are those of gRPC.
struct GrpcPeer {
  Peer::Connection& connection;
  std::uint32_t stream;

  void fields(const std::string& payload, std::uint8_t flags = 0) {
    connection.send({.type = Peer::headers,
                     .flags = static_cast<std::uint8_t>(flags | Peer::end_headers),
                     .stream = stream,
                     .payload = payload});
  }
  void head(const std::string& more = {}) { fields(head_fields() + more); }
  void body(std::string bytes) { connection.send({.type = Peer::data, .stream = stream, .payload = std::move(bytes)}); }
  void message(std::string_view text, bool compressed = false) {
    std::string out;
    append_grpc_message(out, text, compressed);
    body(std::move(out));
  }
  void trailers(std::string_view status = "0", std::string_view text = {}) {
    fields(Peer::field("grpc-status", status) + (text.empty() ? "" : Peer::field("grpc-message", text)),
           Peer::end_stream);
  }
  static std::string head_fields() { return Peer::status(200) + Peer::field("content-type", "application/grpc"); }
};

/// Answers each call with what it has got in one message.
inline void echo(Peer::Connection& connection) {
  Peer::Frame frame;
  std::string body;
  while (connection.read(frame)) {
    if (frame.type != Peer::data) continue;
    body += frame.payload;
    if ((frame.flags & Peer::end_stream) == 0) continue;
    GrpcPeer peer{connection, frame.stream};
    peer.head(Peer::field("x-first", "1"));
    peer.body(std::exchange(body, {}));
    peer.fields(Peer::field("grpc-status", "0") + Peer::field("x-last-bin", "YQ"), Peer::end_stream);
  }
}

inline task<GrpcStatus> status_of_unary(GrpcClient& client, GrpcOptions options = {}) {
  auto result = co_await client.unary<std::string>("/test.Echo/Say", std::string("hello"), options);
  co_return result.status();
}

}  // namespace katydid
