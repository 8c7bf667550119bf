#pragma once

#include "http/fast/client.hpp"
#include "http/fast/engine.hpp"
#include "tests/http/client_harness.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/websocket/server_frame.hpp"
#include "websocket/client.hpp"

#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace katydid {

/// A frame that a client has sent, without its mask.
struct ClientFrame {
  unsigned first = 0;
  std::string payload;
  bool masked = false;
};

/// A server that does after a handshake exactly what a test wants.
class RawWebSocketServer {
 public:
  explicit RawWebSocketServer(std::function<void(int fd)> talk, std::string more_headers = {});

  std::string url() const { return server_.url(); }
  /// The heads of the requests that have come.
  std::vector<std::string> heads();

  /// The next frame; one with first == 0 when the connection has ended.
  static ClientFrame read_frame(int fd);
  /// Up to the end of the connection.
  static std::vector<ClientFrame> read_frames(int fd);
  /// Answers each message with itself, a ping with a pong, and a close with a close.
  static void echo(int fd);
  /// 101, as it is right for this request.
  static std::string switching(const std::string& head, const std::string& more_headers = {});

 private:
  std::mutex mutex_;
  std::vector<std::string> heads_;
  RawServer server_;
};

template <EventLoop Kind>
struct WebSocketShard : TestShard<FastHttpClient, FastEngine, Kind> {
  using Base = TestShard<FastHttpClient, FastEngine, Kind>;
  using Base::Base;
  WebSocketClient ws{this->user.client};

  /// What is thrown as WebSocketError; "" when nothing is.
  std::string error_of(task<> work) {
    try {
      this->run(std::move(work));
    } catch (const WebSocketError& error) {
      return error.what();
    }
    return "";
  }
  /// "METHOD name", and ": error" of a failure, of all that was recorded since the last call.
  std::vector<std::string> entries() {
    std::vector<std::string> all;
    for (const auto& each : std::exchange(this->recorder.samples, {}))
      all.push_back(each.method + " " + each.name + (each.error.empty() ? "" : ": " + each.error));
    return all;
  }
};

/// For TEST_CASE_TEMPLATE.
#define KATYDID_WEBSOCKET_SHARDS \
  WebSocketShard<EventLoop::automatic>, WebSocketShard<EventLoop::epoll>, WebSocketShard<EventLoop::asio>

}  // namespace katydid
